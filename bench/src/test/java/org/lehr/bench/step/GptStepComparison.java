package org.lehr.bench.step;

import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.pytorch.global.torch;
import org.lehr.kernels.parallel.Workers;

/// Times training steps of the two engines in turn, so that a drift of the machine's speed meets both alike, and prints
/// medians and the median of the pairwise ratios. Arguments: threads, pairs.
public final class GptStepComparison {

    private GptStepComparison() {}

    public static void main(String[] arguments) {
        int threads = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2;
        int pairs = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10;
        torch.set_num_threads(threads);
        Workers.with(threads, () -> compare(threads, pairs));
    }

    private static void compare(int threads, int pairs) {
        try (GptStep ours = new LehrGptStep(GptShape.SMALL);
                GptStep peer = new TorchGptStep(GptShape.SMALL)) {
            for (int i = 0; i < 4; i++) {
                System.out.printf(Locale.ROOT, "warm-up: loss ours %.4f, libtorch %.4f%n", ours.step(), peer.step());
            }
            double[] mine = new double[pairs];
            double[] theirs = new double[pairs];
            double[] ratios = new double[pairs];
            for (int i = 0; i < pairs; i++) {
                mine[i] = milliseconds(ours);
                theirs[i] = milliseconds(peer);
                ratios[i] = theirs[i] / mine[i];
            }
            System.out.printf(
                    Locale.ROOT,
                    "GPT step, %d threads: ours %.1f ms, libtorch %.1f ms, ours is %.2f times as fast%n",
                    threads,
                    median(mine),
                    median(theirs),
                    median(ratios));
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
