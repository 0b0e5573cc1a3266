package org.lehr.engine.optim.wrapper;

import java.util.List;
import java.util.Map;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.Evaluation;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.WrappedOptimizer;
import org.lehr.engine.optim.Wrapper;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.tensor.Tensor;

/// Adds up gradients over several calls and lets the inner optimizer take one step with their mean, as if the batch
/// were as much larger. Hyper-parameters follow the steps of the inner optimizer. State: one tensor besides.
///
/// @param calls how many make a step
public record Accumulate(@Default("4") long calls) implements Wrapper {

    private static final String SUM = "accumulated";

    public Accumulate {
        if (calls < 1) {
            throw new IllegalArgumentException("accumulate: needs at least one call a step, got " + calls);
        }
    }

    @Override
    public Recipe around(Recipe inner) {
        return (groups, format) -> new Running(this, inner.over(groups, format));
    }

    private static final class Running extends WrappedOptimizer {

        private final Accumulate form;
        private long count;

        Running(Accumulate form, Optimizer inner) {
            super(inner, List.of(Slot.zeros(SUM)));
            if (inner.demand() != Demand.GRADIENT) {
                throw new IllegalArgumentException(
                        "accumulate: sums gradients, and the inner optimizer looks at the loss itself");
            }
            this.form = form;
        }

        @Override
        public void step(double gradientScale, Evaluation evaluation) {
            forEach((path, parameter) -> {
                if (parameter.gradient() != null) {
                    Tensor sum = slot(SUM, path);
                    set(SUM, path, sum.add(parameter.gradient().to(sum.dtype()).mul(gradientScale / form.calls)));
                }
            });
            count++;
            if (count % form.calls == 0) {
                forEach((path, parameter) -> {
                    Tensor sum = slot(SUM, path);
                    parameter.clearGradient();
                    parameter.own().setGradient(sum.to(parameter.own().dtype()).mul(1));
                });
                inner().step(1);
                forEach((path, parameter) -> {
                    parameter.clearGradient();
                    set(SUM, path, slot(SUM, path).fullLike(0));
                });
            }
        }

        @Override
        public long steps() {
            return count;
        }

        @Override
        protected long innerSteps(long steps, Map<String, Tensor> state) {
            return steps / form.calls;
        }

        @Override
        public void load(long steps, Map<String, Tensor> state) {
            super.load(steps, state);
            count = steps;
        }
    }
}
