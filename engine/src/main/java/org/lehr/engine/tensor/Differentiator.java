package org.lehr.engine.tensor;

/// What [Tensor#backward] calls; the tape implements it and is found with `ServiceLoader`, so that tensors know nothing
/// of how gradients are computed.
public interface Differentiator {

    /// Accumulates the gradient of `root` (seeded with `seed`) into every leaf that it depends on.
    void backward(Tensor root, Tensor seed, boolean retainGraph);
}
