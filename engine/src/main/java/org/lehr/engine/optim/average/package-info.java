/// Averages and mixtures of the weights of trained models, as named tensors.
package org.lehr.engine.optim.average;
