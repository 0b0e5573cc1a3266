package org.lehr.engine.nn.vision;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Dropout;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// A multi-layer perceptron: linear maps `layers.0`, `layers.1`, ... with an activation, and dropout if wanted, between
/// them. All dimensions of the input but the first are taken as one. `x [b, ...] → [b, out]`
public final class DenseNetwork extends Layer {

    private final List<Linear> layers;
    private final Activation activation;
    private final Dropout dropout;

    /// With He's initial values and biases of zero.
    ///
    /// @param widths of the input, of each hidden layer and of the output; at least two
    /// @param dropout probability of dropping a hidden value in training
    public DenseNetwork(List<Long> widths, Activation activation, double dropout, RandomStream random) {
        if (widths.size() < 2) {
            throw new IllegalArgumentException(
                    "dense network: needs the widths of input and output at least, got " + widths);
        }
        List<Linear> maps = new ArrayList<>();
        for (int i = 0; i + 1 < widths.size(); i++) {
            maps.add(new Linear(
                    widths.get(i),
                    widths.get(i + 1),
                    Initializer.constant(0),
                    Initializer.heNormal(),
                    random.split("layers").split(i)));
        }
        this.layers = children("layers", maps);
        this.activation = activation;
        this.dropout = child("dropout", new Dropout(dropout, random.split("dropout")));
    }

    /// What goes into the last map: `x [b, ...] → [b, last hidden width]`
    public Tensor features(Tensor x) {
        if (x.rank() == 0) {
            throw new ShapeMismatchException("dense network: needs x [b, ...], got " + x.shape());
        }
        long batch = x.extent(0);
        Tensor y = x.rank() == 2
                ? x
                : x.reshape(batch, batch == 0 ? layers.getFirst().weight().own().extent(1) : x.size() / batch);
        for (Linear layer : layers.subList(0, layers.size() - 1)) {
            y = dropout.apply(activation.apply(layer.apply(y)));
        }
        return y;
    }

    @Override
    protected Tensor forward(Tensor x) {
        return layers.getLast().apply(features(x));
    }
}
