package org.lehr.engine.optim.transform;

import org.lehr.engine.tensor.Tensor;

/// Where the state of an optimizer is kept.
public interface Memory {

    /// The value of a slot, to be read only.
    ///
    /// @param path the parameter's path, empty for a shared slot
    Tensor get(String slot, String path);
}
