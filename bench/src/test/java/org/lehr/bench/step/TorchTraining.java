package org.lehr.bench.step;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/// What is trained of a model in libtorch. Everything made in the thread from here on lives until it is closed, except
/// what a step makes.
final class TorchTraining implements AutoCloseable {

    private final PointerScope lifetime = new PointerScope();
    private final List<Tensor> parameters = new ArrayList<>();

    /// Takes over `values` as a parameter.
    Tensor leaf(Tensor values) {
        Tensor leaf = values.set_requires_grad(true);
        parameters.add(leaf);
        return leaf;
    }

    /// All leaves so far, in the order in which they came.
    List<Tensor> parameters() {
        return Collections.unmodifiableList(parameters);
    }

    /// Forward, backward and update, in a scope of their own; returns the loss before.
    ///
    /// @param update is given the gradients in the order of the parameters
    double step(Supplier<Tensor> forward, Consumer<List<Tensor>> update) {
        try (var _ = new PointerScope()) {
            Tensor loss = forward.get();
            loss.backward();
            double value = loss.item_float();
            update.accept(parameters.stream().map(Tensor::grad).toList());
            parameters.forEach(parameter -> parameter.mutable_grad().reset());
            return value;
        }
    }

    @Override
    public void close() {
        lifetime.close();
    }
}
