package org.lehr.engine.optim.transform;

/// How moments are stored between steps; they are computed with in float32 (float64 for float64 parameters).
public enum StateFormat {
    /// As they are computed.
    FULL,
    /// Rounded to bfloat16: half of the memory.
    BFLOAT16,
    /// 8 bits for an element and a float32 for each block of 256: block-wise dynamic quantisation (Dettmers
    /// et al. 2022). Moments of fewer than 4096 elements stay as they are.
    BLOCK8
}
