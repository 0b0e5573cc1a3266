/// One operation, one file: shape rule, kernel call, gradient, and a static method for callers. To add one, write a
/// record
/// that implements [org.lehr.engine.tensor.Op] and a test that implements the operation contract.
package org.lehr.engine.tensor.op;
