package org.lehr.engine.optim.wrapper;

import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.Wrapper;
import org.lehr.engine.schedule.Schedule;

/// An exponential moving average of the parameters, which is what is used; training goes on without it. State: two
/// tensors besides. The average begins with the values before the first step and goes on from task to task (MWI;
/// Stojanovski et al. 2022: slow weights beside fast ones).
///
/// @param decay of the average by step, in [0, 1]: 0 follows the parameters, 1 keeps what the average is
/// @param corrected whether the average leans less on the first values, by the decay `min(decay, (1 + t)/(10 + t))`
public record Ema(
        @Default("0.999") Schedule decay, @Default("false") boolean corrected) implements Wrapper {

    private static final String AVERAGE = "ema";

    @Override
    public Recipe around(Recipe inner) {
        return (groups, format) -> new Running(this, inner.over(groups, format));
    }

    private static final class Running extends RunningAverage {

        private final Ema form;

        Running(Ema form, Optimizer inner) {
            super(inner, AVERAGE);
            this.form = form;
        }

        @Override
        double share(long step) {
            double given = form.decay.at(step - 1);
            if (!(given >= 0 && given <= 1)) {
                throw new IllegalArgumentException("ema: the decay must be in [0, 1], got " + given);
            }
            return 1 - (form.corrected ? Math.min(given, (1.0 + step) / (10 + step)) : given);
        }
    }
}
