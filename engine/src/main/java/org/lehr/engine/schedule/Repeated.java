package org.lehr.engine.schedule;

import java.util.Objects;

/// The first `period` steps of another schedule, again and again.
public record Repeated(Schedule schedule, long period) implements Schedule {

    static final CodeEntry ENTRY =
            CodeEntry.of("repeated", "the first steps of a schedule, again and again", Repeated.class);

    public Repeated {
        Objects.requireNonNull(schedule, "schedule");
        Require.steps("repeat", "period", period);
    }

    @Override
    public double at(long step) {
        return schedule.at(Require.step("repeat", step) % period);
    }
}
