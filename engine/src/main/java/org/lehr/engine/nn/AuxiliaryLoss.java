package org.lehr.engine.nn;

import org.lehr.engine.tensor.Tensor;

/// Something that a part of a model wants to be small in training.
///
/// @param name what it is, the same in every part
/// @param coefficient what it counts
/// @param value a scalar
public record AuxiliaryLoss(String name, double coefficient, Tensor value) {}
