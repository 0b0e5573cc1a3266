package org.lehr.engine.optim.wrapper;

import java.util.List;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.Evaluation;
import org.lehr.engine.optim.GradientClip;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.WrappedOptimizer;
import org.lehr.engine.optim.Wrapper;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.tensor.Tensor;

/// Leaves out steps whose gradient is not finite, or longer than a limit; they do not count as steps. State: the
/// number of steps left out.
///
/// @param limit longest gradient of a step that is taken
public record SkipNotFinite(@Default("Infinity") double limit) implements Wrapper {

    private static final String SKIPPED = "skipped";

    public SkipNotFinite {
        if (!(limit > 0)) {
            throw new IllegalArgumentException("skipnotfinite: the limit must be above 0, got " + limit);
        }
    }

    @Override
    public Recipe around(Recipe inner) {
        return (groups, format) -> new Running(this, inner.over(groups, format));
    }

    private static final class Running extends WrappedOptimizer {

        private final SkipNotFinite form;

        Running(SkipNotFinite form, Optimizer inner) {
            super(inner, List.of(Slot.sharedNumber(SKIPPED, 0)));
            this.form = form;
        }

        @Override
        public void step(double gradientScale, Evaluation evaluation) {
            double norm = GradientClip.norm(groups()) * gradientScale;
            if (Double.isFinite(norm) && norm <= form.limit) {
                inner().step(gradientScale, evaluation);
            } else {
                Tensor skipped = slot(SKIPPED, "");
                set(SKIPPED, "", skipped.add(1));
            }
        }
    }
}
