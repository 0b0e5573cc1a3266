package org.lehr.engine.optim.wrapper;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.lehr.engine.optim.Evaluation;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.Values;
import org.lehr.engine.optim.WrappedOptimizer;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// What averages of parameters share: after a step, `a ← a + share·(p − a)`.
abstract class AveragedOptimizer extends WrappedOptimizer {

    private final String name;

    AveragedOptimizer(Optimizer inner, String name) {
        super(inner, List.of(Slot.of(name, p -> p)));
        this.name = name;
    }

    /// How much of the way to the present value the average goes after step `step`, from 1; 1 makes it the value.
    abstract double share(long step);

    @Override
    public void step(double gradientScale, Evaluation evaluation) {
        if (steps() == 0) {
            Values values = Values.of(inner());
            forEach((path, parameter) -> set(name, path, values.get(path, parameter)));
        }
        inner().step(gradientScale, evaluation);
        double share = share(steps());
        Values values = Values.of(inner());
        forEach((path, parameter) -> {
            Tensor average = slot(name, path);
            Tensor value = values.get(path, parameter);
            if (share == 1) {
                set(name, path, value);
            } else if (share > 0) {
                set(name, path, average.add(value.sub(average).mul(share)));
            }
        });
    }

    @Override
    public <T> T evaluating(Supplier<T> work) {
        if (steps() == 0) {
            return inner().evaluating(work);
        }
        Map<String, Tensor> kept = new HashMap<>();
        try (var _ = Scope.open()) {
            forEach((path, parameter) -> {
                kept.put(path, copy(parameter.own().detach()));
                parameter.set(slot(name, path));
            });
            try {
                return work.get();
            } finally {
                forEach((path, parameter) -> parameter.set(kept.get(path)));
                kept.values().forEach(copy -> copy.storage().release());
            }
        }
    }

    private static Tensor copy(Tensor value) {
        Tensor copy = Tensor.empty("average", value.device(), value.dtype(), value.shape());
        copy.copyFrom(value);
        Scope.detach(copy.storage());
        return copy;
    }
}
