package org.lehr.engine.papers;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// The sizes of a perceptron with equally wide hidden layers and without norms. Its maps are the children `0`, `2`, ...
///
/// @param in features
/// @param width of each hidden layer
/// @param hidden how many of them, at least one
/// @param out classes
public record Perceptron(int in, int width, int hidden, int out) {

    public Perceptron {
        if (hidden < 1) {
            throw new IllegalArgumentException("perceptron: needs at least one hidden layer, got " + hidden);
        }
    }

    /// A network with biases that begin at 0.
    ///
    /// @param weights how the weights of every layer begin
    public Sequential make(Initializer weights, UnaryOperator<Tensor> activation, RandomStream random) {
        List<Layer> layers = new ArrayList<>();
        int from = in;
        for (int i = 0; i < hidden; i++) {
            layers.add(new Linear(from, width, Initializer.constant(0), weights, random.split(i)));
            layers.add(Sequential.of(activation));
            from = width;
        }
        layers.add(new Linear(from, out, Initializer.constant(0), weights, random.split(hidden)));
        return new Sequential(layers.toArray(Layer[]::new));
    }
}
