package org.lehr.engine.schedule;

import java.util.Objects;

/// Another schedule, looked at every `every` steps and level in between: a profile and how often it is sampled make a
/// schedule (Chen et al. 2022, REX).
public record Sampled(Schedule schedule, long every) implements Schedule {

    static final CodeEntry ENTRY = CodeEntry.of(
            "sampled",
            "any schedule, level between looks every few steps; in specifications the option sample",
            Sampled.class);

    public Sampled {
        Objects.requireNonNull(schedule, "schedule");
        Require.steps("sampled", "every", every);
    }

    @Override
    public double at(long step) {
        return schedule.at(Require.step("sampled", step) / every * every);
    }
}
