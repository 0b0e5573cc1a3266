package org.lehr.engine.schedule;

import java.util.Objects;

/// A number that moves with another schedule: where that goes from `low` to `high`, this goes along a line from
/// `atLow` to `atHigh`, and stays there outside. With `atHigh` below `atLow` it moves the other way, as momentum does
/// in cyclical and 1cycle training (Smith 2018).
public record Proportional(Schedule schedule, double low, double high, double atLow, double atHigh)
        implements Schedule {

    static final CodeEntry ENTRY = CodeEntry.of(
                    "proportional", "a second hyper-parameter that moves with a schedule", Proportional.class)
            .like("pytorch_optimizer", "ProportionScheduler");

    public Proportional {
        Objects.requireNonNull(schedule, "schedule");
        Require.value("proportional", "low", low);
        Require.value("proportional", "high", high);
        Require.value("proportional", "atLow", atLow);
        Require.value("proportional", "atHigh", atHigh);
        if (low >= high) {
            throw new IllegalArgumentException("proportional: low must be below high, got " + low + " and " + high);
        }
    }

    @Override
    public double at(long step) {
        double share = Math.clamp((schedule.at(step) - low) / (high - low), 0, 1);
        return atLow * (1 - share) + atHigh * share;
    }
}
