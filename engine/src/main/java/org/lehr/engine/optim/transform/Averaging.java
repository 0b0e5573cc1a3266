package org.lehr.engine.optim.transform;

import org.lehr.engine.tensor.Tensor;

/// A transform whose parameters are one thing while gradients are taken and another when they are used.
public interface Averaging extends Transform {

    /// A parameter's value for use.
    Tensor used(Memory memory, String path);

    /// Its value for gradients, with the bits that the last step gave it.
    ///
    /// @param steps how many steps were taken
    Tensor trained(Memory memory, String path, long steps);
}
