package org.lehr.bench.step;

import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.pytorch.global.torch;
import org.lehr.kernels.parallel.ArithmeticPeak;
import org.lehr.kernels.parallel.Workers;

/// Times training steps of the two engines in turn, so that a drift of the machine's speed meets both alike. Both begin
/// with the same weights; their first losses must agree before anything is timed. Prints a row of a table: medians, the
/// median of the pairwise ratios, and what share of the arithmetic peak the faster kind of work reaches. Arguments:
/// threads, pairs.
public final class GptStepComparison {

    private static final int CHECKED_STEPS = 5;
    private static final double TOLERANCE = 1e-4;

    private GptStepComparison() {}

    public static void main(String[] arguments) {
        int threads = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2;
        int pairs = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10;
        torch.set_num_threads(threads);
        Workers.with(threads, () -> compare(threads, pairs));
    }

    private static void compare(int threads, int pairs) {
        try (LehrGptStep ours = new LehrGptStep(GptShape.SMALL);
                GptStep peer = new TorchGptStep(GptShape.SMALL, ours.weights())) {
            check(ours, peer);
            double[] mine = new double[pairs];
            double[] theirs = new double[pairs];
            double[] ratios = new double[pairs];
            double peak = 0;
            for (int i = 0; i < pairs; i++) {
                peak = Math.max(peak, ArithmeticPeak.measure());
                mine[i] = milliseconds(ours);
                theirs[i] = milliseconds(peer);
                ratios[i] = theirs[i] / mine[i];
            }
            double share = GptShape.SMALL.operations() / (median(mine) * 1e-3) / peak;
            System.out.printf(
                    Locale.ROOT,
                    "| %d | %.0f | %.0f | %.2f (%.2f to %.2f) | %.0f | %.0f%% |%n",
                    threads,
                    median(mine),
                    median(theirs),
                    median(ratios),
                    Arrays.stream(ratios).min().orElse(Double.NaN),
                    Arrays.stream(ratios).max().orElse(Double.NaN),
                    peak * 1e-9,
                    100 * share);
        }
    }

    private static void check(GptStep ours, GptStep peer) {
        for (int step = 1; step <= CHECKED_STEPS; step++) {
            double mine = ours.step();
            double theirs = peer.step();
            System.err.printf(Locale.ROOT, "step %d: loss %.6f, libtorch %.6f%n", step, mine, theirs);
            if (!(Math.abs(mine - theirs) < TOLERANCE * theirs)) {
                throw new IllegalStateException(
                        "GPT step: loss " + mine + " of step " + step + " is not libtorch's " + theirs);
            }
        }
    }

    private static double milliseconds(GptStep step) {
        long began = System.nanoTime();
        step.step();
        return (System.nanoTime() - began) * 1e-6;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
