package org.lehr.engine.analysis;

import java.util.function.DoublePredicate;

/// A search for the largest rate with which fresh networks learn (Iyer, Hanin, Rolnick 2023): from `high` down by
/// factors of 2 until a rate learns, then between it and the one that did not, in halves of the ratio. What learning
/// means, such as an accuracy after so many steps, is asked of the caller.
///
/// @param low where the way down ends
/// @param high where it begins
/// @param halvings how often the last factor of 2 is halved: the result is exact to a factor of `2^(1/2^halvings)`
public record MaximalRate(double low, double high, int halvings) {

    public MaximalRate {
        if (!(low > 0) || !(high >= low) || !Double.isFinite(high) || halvings < 0) {
            throw new IllegalArgumentException("maximal rate: needs 0 < low ≤ high and at least 0 halvings, got " + low
                    + ", " + high + " and " + halvings);
        }
    }

    /// The largest rate that learns.
    ///
    /// @param learns whether a fresh network learns with a rate
    /// @throws IllegalArgumentException when none down to `low` does
    public double of(DoublePredicate learns) {
        double good = high;
        while (!learns.test(good)) {
            good /= 2;
            if (good < low) {
                throw new IllegalArgumentException(
                        "maximal rate: nothing is learned with any rate from " + high + " down to " + low);
            }
        }
        double bad = good == high ? high : good * 2;
        for (int i = 0; i < halvings && good < bad; i++) {
            double between = Math.sqrt(good * bad);
            if (learns.test(between)) {
                good = between;
            } else {
                bad = between;
            }
        }
        return good;
    }
}
