package org.lehr.engine.schedule;

import java.util.Objects;

/// From the share `from` of `after.at(0)` up to all of it in `steps` steps, then `after` from its beginning (Goyal et
/// al. 2017).
///
/// With `p = (step + 1)/steps` it is `after.at(0)·(from + (1 − from)·shape.at(1 − p))`: the way up is the way down
/// `shape` backwards, by default a line. The first update has a `steps`th of the full number and not 0, which would
/// be an update for nothing; the last one of the warm-up has all of it.
///
/// @param from in `[0, 1]`, usually 0
public record WarmUp(long steps, double from, Profile shape, Schedule after) implements Schedule {

    static final CodeEntry ENTRY = CodeEntry.of(
                    "warm-up", "any schedule, reached from 0 first; in specifications the option warmup", WarmUp.class)
            .like("dl4j", "RampSchedule")
            .like("djl", "WarmUpTracker");

    public WarmUp {
        Require.steps("warm-up", "steps", steps);
        Require.share("warm-up", "from", from);
        Objects.requireNonNull(shape, "shape");
        Objects.requireNonNull(after, "after");
    }

    /// From 0 along a line.
    public WarmUp(long steps, Schedule after) {
        this(steps, 0, Decay.LINEAR, after);
    }

    @Override
    public double at(long step) {
        return Require.step("warm-up", step) < steps
                ? after.at(0) * (from + (1 - from) * share(step))
                : after.at(step - steps);
    }

    private double share(long step) {
        double share = (step + 1.0) / steps;
        return shape == Decay.LINEAR ? share : shape.at(1 - share);
    }
}
