package org.lehr.engine.nn;

import java.util.List;
import java.util.function.UnaryOperator;
import org.lehr.engine.tensor.Tensor;

/// Layers one after the other, named `0`, `1`, ... `x [...] → [...]`
public final class Sequential extends Layer {

    private final List<Layer> layers;

    public Sequential(Layer... layers) {
        this.layers = List.of(layers);
        for (int i = 0; i < layers.length; i++) {
            child(Integer.toString(i), layers[i]);
        }
    }

    /// A layer without parameters, such as `Sequential.of(Tensor::relu)`.
    public static Layer of(UnaryOperator<Tensor> function) {
        return new Layer() {
            @Override
            protected Tensor forward(Tensor x) {
                return function.apply(x);
            }
        };
    }

    @Override
    protected Tensor forward(Tensor x) {
        Tensor y = x;
        for (Layer layer : layers) {
            y = layer.apply(y);
        }
        return y;
    }
}
