package org.lehr.engine.schedule;

import java.util.Objects;

/// Another schedule, kept between `low` and `high`.
public record Clamped(Schedule schedule, double low, double high) implements Schedule {

    static final CodeEntry ENTRY = CodeEntry.of("clamped", "a schedule between two numbers", Clamped.class);

    public Clamped {
        Objects.requireNonNull(schedule, "schedule");
        Require.value("clamp", "low", low);
        Require.value("clamp", "high", high);
        Require.notAbove("clamp", "low", low, "high", high);
    }

    @Override
    public double at(long step) {
        return Math.clamp(schedule.at(step), low, high);
    }
}
