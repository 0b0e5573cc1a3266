package org.lehr.engine.optim.wrapper;

import java.util.List;
import org.lehr.engine.optim.Evaluation;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.Values;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.tensor.Tensor;

/// An average that goes some of the way to the parameters after each step: `a ← a + share·(p − a)`.
abstract class RunningAverage extends AveragedOptimizer {

    private final String average;

    RunningAverage(Optimizer inner, String name) {
        super(inner, name, List.of(Slot.of(name, p -> p)));
        this.average = name;
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
            keep(path, value);
            if (share == 1) {
                set(average, path, value);
            } else if (share > 0) {
                set(average, path, before.add(value.sub(before).mul(share)));
            }
        });
    }

    @Override
    boolean isThere() {
        return steps() > 0;
    }

    @Override
    Tensor average(String path) {
        return slot(average, path);
    }
}
