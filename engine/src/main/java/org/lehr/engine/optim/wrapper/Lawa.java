package org.lehr.engine.optim.wrapper;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.Evaluation;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.Values;
import org.lehr.engine.optim.Wrapper;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.tensor.Tensor;

/// The mean of the last checkpoints (latest weight averaging; Kaddour 2022): parameters are kept every few steps, and
/// the mean of the last `count` of them is what is used; training goes on without it. State: `count + 1` tensors
/// besides.
///
/// @param count how many checkpoints count
/// @param every steps between them
public record Lawa(@Default("5") long count, @Default("100") long every) implements Wrapper {

    private static final String KEPT = "lawa.";

    public Lawa {
        if (count < 1 || every < 1) {
            throw new IllegalArgumentException(
                    "lawa: needs count and every of at least 1, got " + count + " and " + every);
        }
    }

    @Override
    public Recipe around(Recipe inner) {
        return (groups, format) -> new Running(this, inner.over(groups, format));
    }

    private List<Slot> slots() {
        List<Slot> slots = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            slots.add(Slot.zeros(KEPT + i));
        }
        return slots;
    }

    private static final class Running extends AveragedOptimizer {

        private final Lawa form;

        Running(Lawa form, Optimizer inner) {
            super(inner, "lawa", form.slots());
            this.form = form;
        }

        @Override
        public void step(double gradientScale, Evaluation evaluation) {
            inner().step(gradientScale, evaluation);
            Values values = Values.of(inner());
            long kept = steps() / form.every;
            boolean due = steps() % form.every == 0;
            forEach((path, parameter) -> {
                Tensor value = values.get(path, parameter);
                keep(path, value);
                if (due) {
                    set(KEPT + (kept - 1) % form.count, path, value);
                }
            });
        }

        @Override
        boolean isThere() {
            return there() > 0;
        }

        private long there() {
            return Math.min(form.count, steps() / form.every);
        }

        @Override
        Tensor average(String path) {
            Tensor sum = slot(KEPT + 0, path);
            for (long i = 1; i < there(); i++) {
                sum = sum.add(slot(KEPT + i, path));
            }
            return sum.div(there());
        }
    }
}
