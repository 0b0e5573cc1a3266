package org.lehr.engine.optim.wrapper;

import java.util.List;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.Evaluation;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.Values;
import org.lehr.engine.optim.WrappedOptimizer;
import org.lehr.engine.optim.Wrapper;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.tensor.Tensor;

/// Lookahead (Zhang et al. 2019): every few steps of the inner optimizer, slow weights go a part of the way to
/// where it came, and it starts again from there. State: one tensor besides.
///
/// @param every steps between meetings
/// @param alpha the part of the way, in `(0, 1]`
public record Lookahead(
        @Default("5") long every, @Default("0.5") double alpha) implements Wrapper {

    private static final String SLOW = "lookahead";

    public Lookahead {
        if (every < 1 || !(alpha > 0 && alpha <= 1)) {
            throw new IllegalArgumentException(
                    "lookahead: needs every ≥ 1 and alpha in (0, 1], got " + every + " and " + alpha);
        }
    }

    @Override
    public Recipe around(Recipe inner) {
        return (groups, format) -> new Running(this, inner.over(groups, format));
    }

    private static final class Running extends WrappedOptimizer {

        private final Lookahead form;

        Running(Lookahead form, Optimizer inner) {
            super(inner, List.of(Slot.of(SLOW, p -> p)));
            this.form = form;
        }

        @Override
        public void step(double gradientScale, Evaluation evaluation) {
            Values values = Values.of(inner());
            if (steps() == 0) {
                forEach((path, parameter) -> set(SLOW, path, values.get(path, parameter)));
            }
            inner().step(gradientScale, evaluation);
            if (steps() % form.every == 0) {
                Values moved = Values.of(inner());
                forEach((path, parameter) -> {
                    Tensor slow = slot(SLOW, path);
                    Tensor met = slow.add(moved.get(path, parameter).sub(slow).mul(form.alpha));
                    set(SLOW, path, met);
                    moved.set(path, parameter, met);
                });
            }
        }

        @Override
        public boolean isSeparate() {
            return inner().isSeparate();
        }
    }
}
