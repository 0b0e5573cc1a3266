package org.lehr.engine.schedule.control;

import java.util.Arrays;
import org.lehr.engine.schedule.CodeEntry;
import org.lehr.engine.schedule.Require;

/// The learning-rate range test (Smith 2017): the rate rises from `lowest` to `highest` while the loss is watched;
/// then the training is put back where it was.
///
/// @param lowest above 0
/// @param highest above `lowest`
/// @param steps at least 5
/// @param geometric by equal factors, and not by equal amounts
public record RangeTest(double lowest, double highest, int steps, boolean geometric) {

    static final CodeEntry ENTRY =
            CodeEntry.of("range-test", "finds the bounds of learning rates by letting the rate rise", RangeTest.class);

    /// The loss is taken to be lost when it is so many times the one at the beginning.
    private static final double LOST = 4;

    /// A share of the whole fall of the loss that counts as a fall.
    private static final double BEGUN = 0.05;

    /// What was seen.
    ///
    /// @param rates in the order tried; fewer than planned where the loss was lost
    /// @param losses after smoothing by a moving median of five
    /// @param low the rate at which the loss begins to fall
    /// @param high the rate after which it rises again
    public record Result(double[] rates, double[] losses, double low, double high) {}

    public RangeTest {
        Require.positive("range test", "lowest", lowest);
        Require.positive("range test", "highest", highest);
        if (lowest >= highest) {
            throw new IllegalArgumentException(
                    "range test: lowest must be below highest, got " + lowest + " and " + highest);
        }
        if (steps < 5) {
            throw new IllegalArgumentException("range test: steps must be at least 5, got " + steps);
        }
    }

    /// The rate of a step of the test.
    public double rate(int step) {
        double share = step / (steps - 1.0);
        return geometric ? lowest * StrictMath.pow(highest / lowest, share) : lowest * (1 - share) + highest * share;
    }

    /// Runs the test; afterwards the training is where it was.
    ///
    /// @throws IllegalArgumentException when the loss is not finite from the beginning
    public Result run(Trial trial) {
        double[] rates = new double[steps];
        double[] losses = new double[steps];
        int count = 0;
        try (Trial.Saved saved = trial.save()) {
            while (count < steps && !(count > 0 && isLost(losses, count))) {
                rates[count] = rate(count);
                losses[count] = trial.step(rates[count]);
                count++;
            }
            saved.restore();
        }
        if (!Double.isFinite(losses[0])) {
            throw new IllegalArgumentException("range test: the first loss must be finite, got " + losses[0]);
        }
        int finite = Double.isFinite(losses[count - 1]) ? count : count - 1;
        return bounds(Arrays.copyOf(rates, finite), smoothed(Arrays.copyOf(losses, finite)));
    }

    private static boolean isLost(double[] losses, int count) {
        double last = losses[count - 1];
        return !(last < Double.POSITIVE_INFINITY) || last - losses[0] > LOST * Math.abs(losses[0]);
    }

    private static double[] smoothed(double[] losses) {
        double[] smooth = new double[losses.length];
        for (int i = 0; i < losses.length; i++) {
            int reach = Math.min(2, Math.min(i, losses.length - 1 - i));
            double[] window = Arrays.copyOfRange(losses, i - reach, i + reach + 1);
            Arrays.sort(window);
            smooth[i] = window[reach];
        }
        return smooth;
    }

    private static Result bounds(double[] rates, double[] losses) {
        int bottom = 0;
        for (int i = 1; i < losses.length; i++) {
            bottom = losses[i] < losses[bottom] ? i : bottom;
        }
        double level = losses[0] - BEGUN * (losses[0] - losses[bottom]);
        int begin = 0;
        while (losses[begin] > level) {
            begin++;
        }
        return new Result(rates, losses, rates[begin], rates[bottom]);
    }
}
