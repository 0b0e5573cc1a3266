package org.lehr.engine.nn;

import java.util.List;
import java.util.Map;
import org.lehr.engine.autograd.Checkpointing;
import org.lehr.engine.tensor.Tensor;

/// A layer that keeps no activations for the backward pass, which runs it again: less memory for a third more
/// work. Paths are those of the layer behind `inner`. Hooks on outputs within it see both runs.
/// `x [...] → [...]`
public final class Checkpointed extends Layer {

    private final Layer inner;

    /// Wraps a layer, usually one of many blocks.
    public Checkpointed(Layer inner) {
        this.inner = child("inner", inner);
    }

    @Override
    protected Tensor forward(Tensor x) {
        Map<Parameter, Tensor> substitutes = Parameter.substitutes();
        return Checkpointing.checkpoint(
                inputs -> Parameter.substituting(substitutes, () -> inner.apply(inputs[0])),
                List.copyOf(streams().values()),
                x);
    }
}
