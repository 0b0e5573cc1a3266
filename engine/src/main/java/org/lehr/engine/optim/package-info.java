/// Optimizers: parameter groups, hyper-parameters as schedules of the step, state as named tensors.
package org.lehr.engine.optim;
