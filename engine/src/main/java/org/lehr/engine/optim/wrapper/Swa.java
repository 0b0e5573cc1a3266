package org.lehr.engine.optim.wrapper;

import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.Wrapper;

/// Stochastic weight averaging (Izmailov et al. 2018): the mean of the parameters after every few steps from some
/// step on, which is what is used; training goes on without it. Statistics of batch normalisation are to be
/// measured again for it. State: two tensors besides.
///
/// @param start the step from which on the mean is taken
/// @param every steps between the values of the mean
public record Swa(@Default("0") long start, @Default("1") long every) implements Wrapper {

    private static final String AVERAGE = "swa";

    public Swa {
        if (start < 0 || every < 1) {
            throw new IllegalArgumentException(
                    "swa: needs a start of at least 0 and every ≥ 1, got " + start + " and " + every);
        }
    }

    @Override
    public Recipe around(Recipe inner) {
        return (groups, format) -> new Running(this, inner.over(groups, format));
    }

    private static final class Running extends RunningAverage {

        private final Swa form;

        Running(Swa form, Optimizer inner) {
            super(inner, AVERAGE);
            this.form = form;
        }

        @Override
        double share(long step) {
            long since = step - form.start;
            return since <= 0 ? 1 : since % form.every == 0 ? 1.0 / (since / form.every) : 0;
        }
    }
}
