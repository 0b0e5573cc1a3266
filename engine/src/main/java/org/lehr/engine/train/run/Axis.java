package org.lehr.engine.train.run;

import java.util.ArrayList;
import java.util.List;

/// One axis: a range of values, where they stand, and the round numbers to mark.
///
/// @param low the value at place 0
/// @param high the value at place 1
/// @param logarithmic whether equal ratios take equal room
/// @param ticks the marked values, within the range
record Axis(double low, double high, boolean logarithmic, List<Double> ticks) {

    /// An axis over these values with about so many marks.
    static Axis linear(double min, double max, int marks, double smallestStep) {
        double low = min;
        double high = max;
        if (low == high) {
            double room = Math.max(Math.abs(low) * 0.1, smallestStep > 0 ? smallestStep : 1e-12);
            low -= room;
            high += room;
        }
        double step = Math.max(roundStep((high - low) / marks), smallestStep);
        List<Double> ticks = new ArrayList<>();
        // Multiples of the step, so that no mark is 0.30000000000000004.
        for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9 && ticks.size() < 100; i++) {
            ticks.add(step >= 1 ? i * step : i / Math.rint(1 / step));
        }
        return new Axis(low, high, false, List.copyOf(ticks));
    }

    /// A logarithmic axis over these positive values: marks at powers of ten, and between them where there are few.
    static Axis logarithmic(double min, double max) {
        double low = min == max ? min / 2 : min;
        double high = min == max ? max * 2 : max;
        int first = (int) Math.floor(Math.log10(low));
        int last = (int) Math.ceil(Math.log10(high));
        int stride = Math.max(1, Math.ceilDiv(last - first, 6));
        double[] between = last - first <= 1 ? new double[] {1, 2, 3, 5} : new double[] {1, 2, 5};
        if (last - first > 3) {
            between = new double[] {1};
        }
        List<Double> ticks = new ArrayList<>();
        for (int power = first; power <= last; power += stride) {
            for (double factor : between) {
                double tick = power < 0 ? factor / Math.pow(10, -power) : factor * Math.pow(10, power);
                if (tick >= low && tick <= high) {
                    ticks.add(tick);
                }
            }
        }
        return new Axis(low, high, true, List.copyOf(ticks));
    }

    /// Where `value` stands: 0 at the low end, 1 at the high end.
    double place(double value) {
        return logarithmic
                ? (Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low))
                : (value - low) / (high - low);
    }

    private static double roundStep(double rough) {
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double rest = rough / power;
        return power * (rest <= 1 ? 1 : rest <= 2 ? 2 : rest <= 5 ? 5 : 10);
    }
}
