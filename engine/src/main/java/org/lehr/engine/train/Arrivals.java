package org.lehr.engine.train;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.transform.Norms;
import org.lehr.engine.tensor.Tensor;

/// Hands the gradients of a backward pass to an optimizer that updates each parameter at once.
final class Arrivals implements Consumer<Tensor> {

    private final Optimizer optimizer;
    private final Map<Tensor, Parameter> parameters = new IdentityHashMap<>();
    private double squares;

    Arrivals(Optimizer optimizer) {
        this.optimizer = optimizer;
        optimizer
                .groups()
                .forEach(group ->
                        group.parameters().values().forEach(parameter -> parameters.put(parameter.own(), parameter)));
    }

    /// Takes the gradient of a leaf, unless it is not finite: that one stays, for the trainer to find.
    @Override
    public void accept(Tensor leaf) {
        Parameter parameter = parameters.get(leaf);
        if (parameter == null) {
            return;
        }
        double norm = Norms.two(leaf.gradient());
        squares += norm * norm;
        if (Double.isFinite(norm)) {
            optimizer.arrived(parameter);
        }
    }

    /// The norm of all gradients that arrived.
    double norm() {
        return Math.sqrt(squares);
    }
}
