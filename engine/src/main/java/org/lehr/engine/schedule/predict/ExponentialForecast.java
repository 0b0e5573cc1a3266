package org.lehr.engine.schedule.predict;

import java.util.Arrays;

/// A loss that falls exponentially: `a·exp(b·t) + c` at step `t`, fitted to the losses of a short run to foresee a
/// longer one (Jin et al. 2021, AutoLRS).
///
/// @param b at most 0
public record ExponentialForecast(double a, double b, double c) {

    private static final int GRID = 60;
    private static final int ROUNDS = 5;

    /// Deviations from the median, in multiples of the median one, beyond which a loss is an outlier.
    private static final double OUTLIER = 4.5;

    /// Fits by least squares; losses that stand far off are left out, and those that are not finite.
    ///
    /// @param losses of steps 0, 1, ...; at least 4 finite ones
    public static ExponentialForecast fit(double[] losses) {
        boolean[] used = new boolean[losses.length];
        int count = 0;
        for (int t = 0; t < losses.length; t++) {
            used[t] = Double.isFinite(losses[t]);
            count += used[t] ? 1 : 0;
        }
        if (count < 4) {
            throw new IllegalArgumentException("forecast: expected at least 4 finite losses, got " + count);
        }
        ExponentialForecast fit = best(losses, used);
        for (int round = 0; round < ROUNDS && leaveOut(losses, used, fit); round++) {
            fit = best(losses, used);
        }
        return fit;
    }

    /// The loss at step `t`.
    public double at(double t) {
        return a * StrictMath.exp(b * t) + c;
    }

    /// Over a grid of rates from one that hardly falls to one that is down after a step, then between its
    /// neighbours.
    private static ExponentialForecast best(double[] losses, boolean[] used) {
        double slowest = StrictMath.log(0.1 / losses.length);
        double step = (StrictMath.log(2) - slowest) / (GRID - 1);
        int least = 0;
        double error = Double.POSITIVE_INFINITY;
        for (int i = 0; i < GRID; i++) {
            double here = error(losses, used, slowest + i * step);
            if (here < error) {
                error = here;
                least = i;
            }
        }
        double low = slowest + Math.max(least - 1, 0) * step;
        double high = slowest + Math.min(least + 1, GRID - 1) * step;
        for (int i = 0; i < 40; i++) {
            double left = low + 0.382 * (high - low);
            double right = low + 0.618 * (high - low);
            if (error(losses, used, left) <= error(losses, used, right)) {
                high = right;
            } else {
                low = left;
            }
        }
        return linear(losses, used, -StrictMath.exp((low + high) / 2));
    }

    private static double error(double[] losses, boolean[] used, double logRate) {
        ExponentialForecast fit = linear(losses, used, -StrictMath.exp(logRate));
        double sum = 0;
        for (int t = 0; t < losses.length; t++) {
            if (used[t]) {
                double off = losses[t] - fit.at(t);
                sum += off * off;
            }
        }
        return sum;
    }

    /// With `b` given, `a` and `c` are a line's.
    private static ExponentialForecast linear(double[] losses, boolean[] used, double b) {
        int n = 0;
        double meanX = 0;
        double meanY = 0;
        for (int t = 0; t < losses.length; t++) {
            if (used[t]) {
                n++;
                meanX += StrictMath.exp(b * t);
                meanY += losses[t];
            }
        }
        meanX /= n;
        meanY /= n;
        double xx = 0;
        double xy = 0;
        for (int t = 0; t < losses.length; t++) {
            if (used[t]) {
                double x = StrictMath.exp(b * t) - meanX;
                xx += x * x;
                xy += x * (losses[t] - meanY);
            }
        }
        double a = xx > 0 ? xy / xx : 0;
        return new ExponentialForecast(a, b, meanY - a * meanX);
    }

    /// Drops outliers and says whether there were any; at least half of the losses stay.
    private static boolean leaveOut(double[] losses, boolean[] used, ExponentialForecast fit) {
        double[] off = new double[losses.length];
        int n = 0;
        for (int t = 0; t < losses.length; t++) {
            if (used[t]) {
                off[n++] = Math.abs(losses[t] - fit.at(t));
            }
        }
        double[] sorted = Arrays.copyOf(off, n);
        Arrays.sort(sorted);
        double limit = OUTLIER * sorted[n / 2];
        boolean any = false;
        for (int t = 0; t < losses.length && limit > 0; t++) {
            if (used[t] && Math.abs(losses[t] - fit.at(t)) > limit) {
                used[t] = false;
                any = true;
            }
        }
        return any;
    }
}
