package org.lehr.engine.schedule;

import java.util.Objects;

/// Another schedule, `factor` times as long: step `s` of this is step `⌊s/factor⌋` of it.
public record Stretched(Schedule schedule, double factor) implements Schedule {

    static final CodeEntry ENTRY = CodeEntry.of("stretched", "a schedule over more or fewer steps", Stretched.class);

    public Stretched {
        Objects.requireNonNull(schedule, "schedule");
        Require.positive("stretch", "factor", factor);
    }

    @Override
    public double at(long step) {
        return schedule.at((long) (Require.step("stretch", step) / factor));
    }
}
