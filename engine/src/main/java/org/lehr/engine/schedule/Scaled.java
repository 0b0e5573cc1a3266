package org.lehr.engine.schedule;

import java.util.Objects;

/// `factor` times another schedule.
public record Scaled(Schedule schedule, double factor) implements Schedule {

    static final CodeEntry ENTRY = CodeEntry.of("scaled", "a schedule times a number", Scaled.class);

    public Scaled {
        Objects.requireNonNull(schedule, "schedule");
        Require.value("scale", "factor", factor);
    }

    @Override
    public double at(long step) {
        return factor * schedule.at(step);
    }
}
