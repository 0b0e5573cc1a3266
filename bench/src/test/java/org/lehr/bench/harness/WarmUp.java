package org.lehr.bench.harness;

import java.util.function.DoubleSupplier;

/// Repeats turns until the compiler is done with them. Between two of its tiers a kernel may run slowly, and steadily
/// so, for a while: the end is when enough time has gone by, and two turns after each other are close to the fastest
/// one seen.
final class WarmUp {

    private static final double CLOSE = 1.08;
    private static final int MOST_TIMES_LONGER = 4;

    private WarmUp() {}

    /// @param leastMillis how long at least; four times as long at most
    /// @param turn        returns what one call took
    static void until(double leastMillis, DoubleSupplier turn) {
        long began = System.nanoTime();
        double fastest = Double.MAX_VALUE;
        double before = Double.MAX_VALUE;
        while (true) {
            double now = turn.getAsDouble();
            double elapsed = (System.nanoTime() - began) * 1e-6;
            fastest = Math.min(fastest, now);
            boolean steady = Math.max(now, before) < CLOSE * fastest;
            if (elapsed > leastMillis && steady || elapsed > MOST_TIMES_LONGER * leastMillis) {
                return;
            }
            before = now;
        }
    }
}
