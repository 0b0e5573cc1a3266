package org.lehr.bench.step;

import java.util.Iterator;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// What is trained of a model in Lehr, and by what.
record LehrTraining(SequencedMap<String, Parameter> parameters, Optimizer optimizer) {

    /// Forward, backward and update, in a scope of their own; returns the loss before.
    double step(Supplier<Tensor> forward) {
        try (var _ = Scope.open()) {
            Tensor loss = forward.get();
            loss.backward();
            double value = loss.item();
            optimizer.step();
            optimizer.clearGradients();
            return value;
        }
    }

    /// The parameters' values in the order of construction, each row-major and copied when it is asked for.
    Iterator<float[]> weights() {
        return parameters.values().stream()
                .map(parameter -> parameter.value().toFloatArray())
                .iterator();
    }
}
