/// Tensors and what an operation on them is. Operations themselves are one file each in [org.lehr.engine.tensor.op];
/// nothing here or there knows how gradients are computed, only how calls are recorded.
package org.lehr.engine.tensor;
