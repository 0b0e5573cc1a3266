package org.lehr.engine.schedule;

import java.util.Objects;

/// `after.at(0)·(step + 1)/steps` for the first `steps` steps, then `after` from its beginning (Goyal et al. 2017).
///
/// The first update has a `steps`th of the full number and not 0, which would be an update for nothing; the last one of
/// the warm-up has all of it.
public record WarmUp(long steps, Schedule after) implements Schedule {

    public WarmUp {
        Require.steps("warm-up", "steps", steps);
        Objects.requireNonNull(after, "after");
    }

    @Override
    public double at(long step) {
        return Require.step("warm-up", step) < steps ? after.at(0) * share(step, steps) : after.at(step - steps);
    }

    static double share(long step, long steps) {
        return (step + 1.0) / steps;
    }
}
