/// Small changes to a model that is kept as it is: their own parameters are trained instead of the model's. Each kind
/// is
/// attached to any module, by the paths of what it changes, and removed again without a trace.
package org.lehr.engine.nn.peft;
