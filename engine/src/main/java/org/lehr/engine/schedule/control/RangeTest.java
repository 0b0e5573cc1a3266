package org.lehr.engine.schedule.control;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.lehr.engine.schedule.CodeEntry;
import org.lehr.engine.schedule.Require;

/// The learning-rate range test (Smith 2017): the rate rises from `lowest` to `highest` while the loss is watched;
/// then the training is put back where it was.
///
/// While the rate is still small, what is steep is learnt to its end, and it takes many steps beyond the stable rate
/// until it has grown enough for the loss to rise again. So the rates below that rise are tried once more, each from
/// the
/// beginning and kept for a quarter of the steps: the upper bound is the highest at which the loss has fallen by then,
/// by
/// bisection.
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
    /// @param high the highest rate below its rise with which, kept from the beginning, the loss falls
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
        try (Trial.Saved saved = trial.save()) {
            double[] losses = losses(trial, steps, this::rate);
            saved.restore();
            if (!Double.isFinite(losses[0])) {
                throw new IllegalArgumentException("range test: the first loss must be finite, got " + losses[0]);
            }
            boolean finite = Double.isFinite(losses[losses.length - 1]);
            return bounds(smoothed(Arrays.copyOf(losses, finite ? losses.length : losses.length - 1)), trial, saved);
        }
    }

    /// The losses of at most `count` steps, fewer where the loss was lost.
    private static double[] losses(Trial trial, int count, IntToDoubleFunction rate) {
        double[] losses = new double[count];
        for (int step = 0; step < count; step++) {
            losses[step] = trial.step(rate.applyAsDouble(step));
            if (isLost(losses[step], losses[0])) {
                return Arrays.copyOf(losses, step + 1);
            }
        }
        return losses;
    }

    private static boolean isLost(double last, double first) {
        return !(last < Double.POSITIVE_INFINITY) || last - first > LOST * Math.abs(first);
    }

    private static double[] smoothed(double[] losses) {
        double[] smooth = new double[losses.length];
        for (int i = 0; i < losses.length; i++) {
            int reach = Math.min(2, Math.min(i, losses.length - 1 - i));
            smooth[i] = median(losses, i - reach, i + reach + 1);
        }
        return smooth;
    }

    private Result bounds(double[] losses, Trial trial, Trial.Saved saved) {
        int bottom = 0;
        for (int i = 1; i < losses.length; i++) {
            bottom = losses[i] < losses[bottom] ? i : bottom;
        }
        double level = losses[0] - BEGUN * (losses[0] - losses[bottom]);
        int begin = 0;
        while (losses[begin] > level) {
            begin++;
        }
        int falls = begin;
        int rises = bottom + 1;
        while (rises - falls > 1) {
            int middle = (falls + rises) / 2;
            if (falls(trial, rate(middle))) {
                falls = middle;
            } else {
                rises = middle;
            }
            saved.restore();
        }
        double[] rates =
                IntStream.range(0, losses.length).mapToDouble(this::rate).toArray();
        return new Result(rates, losses, rates[begin], rates[falls]);
    }

    /// Whether the loss falls when the rate is kept: the median of the second half is below that of the first.
    private boolean falls(Trial trial, double rate) {
        int count = Math.max(8, steps / 4);
        double[] losses = losses(trial, count, _ -> rate);
        return losses.length == count && median(losses, count / 2, count) < median(losses, 0, count / 2);
    }

    private static double median(double[] losses, int from, int to) {
        double[] sorted = Arrays.copyOfRange(losses, from, to);
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
