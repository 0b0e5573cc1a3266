package org.lehr.engine.train.run;

import java.util.Arrays;
import java.util.List;

/// Points of a curve, in the order of x.
///
/// @param name what the legend says
/// @param x places; finite
/// @param y values, as many; one that is not finite leaves a gap
/// @param style how it is drawn
public record Series(String name, double[] x, double[] y, Style style) {

    /// How a series is drawn.
    public enum Style {
        /// A line.
        LINE,
        /// A line with a mark on each point; for few points.
        MARKED,
        /// A faint line with its moving average drawn strongly; for many noisy points.
        SMOOTHED
    }

    public Series {
        if (x.length != y.length) {
            throw new IllegalArgumentException(
                    "series \"" + name + "\": " + x.length + " places and " + y.length + " values: expected as many");
        }
        for (int i = 0; i < x.length; i++) {
            if (!Double.isFinite(x[i]) || (i > 0 && x[i] < x[i - 1])) {
                throw new IllegalArgumentException(
                        "series \"" + name + "\": x[" + i + "] is " + x[i] + ": expected finite places in order");
            }
        }
    }

    /// The values logged under `metric`, by step. An entry with a step before that of its predecessor, which an
    /// unfinished rewind may leave, is passed over.
    public static Series of(List<Metrics> entries, String metric, String name, Style style) {
        double[] x = new double[entries.size()];
        double[] y = new double[entries.size()];
        int count = 0;
        for (Metrics entry : entries) {
            if (entry.has(metric) && (count == 0 || entry.step() >= x[count - 1])) {
                x[count] = entry.step();
                y[count++] = entry.number(metric);
            }
        }
        return new Series(name, Arrays.copyOf(x, count), Arrays.copyOf(y, count), style);
    }

    /// A line of values at steps 1, 2, and so on.
    public static Series perStep(String name, double... y) {
        double[] x = new double[y.length];
        Arrays.setAll(x, i -> i + 1);
        return new Series(name, x, y, Style.LINE);
    }

    /// How many points there are.
    public int size() {
        return x.length;
    }

    /// The moving average: the mean over a window around each point. It opens from nothing on the left, so that
    /// a steep beginning is not drawn too low, and is cut off on the right, so that the last point alone does not
    /// decide where the curve ends. Gaps stay gaps and count for nothing.
    Series smoothed() {
        int count = size();
        double[] sums = new double[count + 1];
        int[] known = new int[count + 1];
        for (int i = 0; i < count; i++) {
            boolean finite = Double.isFinite(y[i]);
            sums[i + 1] = sums[i] + (finite ? y[i] : 0);
            known[i + 1] = known[i] + (finite ? 1 : 0);
        }
        double[] mean = new double[count];
        for (int i = 0; i < count; i++) {
            int reach = Math.min(i, count / 80);
            int from = i - reach;
            int to = Math.min(i + reach + 1, count);
            mean[i] = Double.isFinite(y[i]) ? (sums[to] - sums[from]) / (known[to] - known[from]) : Double.NaN;
        }
        return new Series(name, x, mean, Style.LINE);
    }
}
