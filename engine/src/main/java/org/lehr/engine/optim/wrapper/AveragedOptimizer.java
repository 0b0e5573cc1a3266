package org.lehr.engine.optim.wrapper;

import java.util.List;
import java.util.function.Supplier;
import org.lehr.engine.optim.Evaluation;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.Values;
import org.lehr.engine.optim.WrappedOptimizer;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.tensor.Tensor;

/// What averages of parameters share: after a step, `a ← a + share·(p − a)`. The values of training are kept
/// besides, so that a checkpoint with the average in it goes on with the same bits.
abstract class AveragedOptimizer extends WrappedOptimizer {

    private final String average;
    private final String trained;

    AveragedOptimizer(Optimizer inner, String name) {
        super(inner, List.of(Slot.of(name, p -> p), Slot.of(name + ".trained", p -> p)));
        this.average = name;
        this.trained = name + ".trained";
    }

    /// How much of the way to the present value the average goes after step `step`, from 1; 1 makes it the
    /// value.
    abstract double share(long step);

    @Override
    public void step(double gradientScale, Evaluation evaluation) {
        if (steps() == 0) {
            Values values = Values.of(inner());
            forEach((path, parameter) -> set(average, path, values.get(path, parameter)));
        }
        inner().step(gradientScale, evaluation);
        double share = share(steps());
        Values values = Values.of(inner());
        forEach((path, parameter) -> {
            Tensor before = slot(average, path);
            Tensor value = values.get(path, parameter);
            set(trained, path, value);
            if (share == 1) {
                set(average, path, value);
            } else if (share > 0) {
                set(average, path, before.add(value.sub(before).mul(share)));
            }
        });
    }

    @Override
    public <T> T evaluating(Supplier<T> work) {
        if (steps() == 0) {
            return inner().evaluating(work);
        }
        forEach((path, parameter) -> parameter.set(slot(average, path)));
        try {
            return work.get();
        } finally {
            training();
        }
    }

    @Override
    public void training() {
        inner().training();
        if (steps() > 0) {
            forEach((path, parameter) -> parameter.set(slot(trained, path)));
        }
    }
}
