package org.lehr.engine.distributed;

import java.util.Objects;
import org.lehr.engine.schedule.Require;
import org.lehr.engine.schedule.Schedule;

/// The quadratic synchronization rule (Gu et al. 2024): a round that begins at the rate `η` has
/// `max(base, ⌊(α/η)²⌋)` steps, so ranks meet less often as the rate falls. Local steps then drift towards flatter
/// places as fast as they may without leaving the minimum.
///
/// While the rate warms up, it is taken to be what it will be afterwards: rounds would be longest where weights change
/// fastest otherwise. At a rate of 0 a round has no end: see [SynchronizationRule#until].
///
/// @param rate of the optimizer, by the step
/// @param alpha `α`, a rate: `2·peak` makes rounds of 4 steps at the peak
/// @param base the least number of steps
/// @param warmUp how many steps `rate` warms up for; 0 for none
public record QuadraticRule(Schedule rate, double alpha, long base, long warmUp) implements SynchronizationRule {

    /// What a rate may be off by rounding: `α/η = 4.999…` of a cosine is meant as 5.
    private static final double ROUNDING = 1e-12;

    public QuadraticRule {
        Objects.requireNonNull(rate, "rate");
        Require.positive("quadratic rule", "alpha", alpha);
        Require.steps("quadratic rule", "base", base);
        Require.count("quadratic rule", "warmUp", warmUp);
    }

    @Override
    public long steps(long begun) {
        double now = rate.at(Math.max(begun, warmUp));
        Require.value("quadratic rule", "the rate after " + begun + " steps", now);
        double quotient = alpha / now;
        return Math.max(base, (long) (quotient * quotient * (1 + ROUNDING)));
    }
}
