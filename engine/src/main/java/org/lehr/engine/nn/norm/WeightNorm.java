package org.lehr.engine.nn.norm;

import java.util.Map;
import org.lehr.engine.nn.Functional;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;

/// A layer whose weight is `g·v/‖v‖` for each output (Salimans, Kingma 2016): lengths and directions are learned apart.
/// The layer's own `weight [out, ...]` is `v`; `g [out, 1, ...]` begins as its lengths, so that nothing changes at
/// first.
/// `x [...] → [...]`, as the layer.
public final class WeightNorm extends Layer {

    private static final String WEIGHT = "weight";

    private final Layer layer;
    private final Parameter direction;
    private final Parameter length;

    /// @param layer one with a parameter `weight` of at least two dimensions
    public WeightNorm(Layer layer) {
        this.layer = child("layer", layer);
        this.direction = Weights.of("weight norm", layer);
        this.length = parameter("g", Recording.off(() -> lengths(direction.own())));
    }

    @Override
    protected Tensor forward(Tensor x) {
        Tensor v = direction.unadapted();
        Tensor weight = v.mul(length.value().div(lengths(v)));
        return Functional.call(layer, Map.of(WEIGHT, weight), () -> layer.apply(x));
    }

    private static Tensor lengths(Tensor v) {
        return v.square().sum(true, Weights.allButFirst(v)).sqrt();
    }
}
