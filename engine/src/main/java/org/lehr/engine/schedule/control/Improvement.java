package org.lehr.engine.schedule.control;

import org.lehr.engine.schedule.Require;

/// When a measurement counts as better than the best one so far.
///
/// @param lowerIsBetter a loss, and not an accuracy
/// @param threshold by how much it must be better
/// @param relative whether the threshold is a share of the best one, and not an amount
public record Improvement(boolean lowerIsBetter, double threshold, boolean relative) {

    /// A loss that is a ten-thousandth lower.
    public static final Improvement OF_LOSS = new Improvement(true, 1e-4, true);

    public Improvement {
        Require.value("improvement", "threshold", threshold);
    }

    /// Whether `now` is better than `best`; never when it is not finite.
    boolean isBetter(double now, double best) {
        double margin = relative ? threshold * best : threshold;
        return Double.isFinite(now) && (lowerIsBetter ? now < best - margin : now > best + margin);
    }
}
