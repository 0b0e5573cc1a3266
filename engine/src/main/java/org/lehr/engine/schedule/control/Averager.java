package org.lehr.engine.schedule.control;

import java.util.OptionalDouble;

/// Means over `window` measurements after another. One that is not finite ends the window and is its mean.
final class Averager {

    private final long window;
    private double sum;
    private long count;

    Averager(long window) {
        this.window = window;
    }

    /// The mean, when `measured` completes a window.
    OptionalDouble add(double measured) {
        double mean = measured;
        if (Double.isFinite(sum + measured)) {
            sum += measured;
            count++;
            if (count < window) {
                return OptionalDouble.empty();
            }
            mean = sum / window;
        }
        sum = 0;
        count = 0;
        return OptionalDouble.of(mean);
    }

    double sum() {
        return sum;
    }

    long count() {
        return count;
    }

    void restore(double sum, long count) {
        this.sum = sum;
        this.count = count;
    }
}
