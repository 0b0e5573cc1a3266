package org.lehr.engine.nn.norm;

import java.util.stream.IntStream;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Tensor;

/// The weights of layers, `[out, ...]`, as matrices.
final class Weights {

    private Weights() {}

    static Parameter of(String wrapper, Layer layer) {
        Parameter weight = layer.parameters().get("weight");
        if (weight == null || weight.own().rank() < 2) {
            throw new IllegalArgumentException(
                    wrapper + ": needs a layer with a parameter 'weight' [out, in, ...], got "
                            + layer.getClass().getSimpleName() + " with "
                            + layer.parameters().keySet());
        }
        return weight;
    }

    static int[] allButFirst(Tensor weight) {
        return IntStream.range(1, weight.rank()).toArray();
    }
}
