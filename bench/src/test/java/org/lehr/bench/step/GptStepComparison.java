package org.lehr.bench.step;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.global.torch;
import org.lehr.kernels.parallel.ArithmeticPeak;
import org.lehr.kernels.parallel.Workers;

/// Times training steps of the two engines in turn, so that a drift of the machine's speed meets both alike. Both begin
/// with the same weights; their first losses must agree before anything is timed. Prints a row of a table: medians, the
/// median of the pairwise ratios by wall and by processor time, and our share of the arithmetic peak. Arguments:
/// threads,
/// pairs.
public final class GptStepComparison {

    private static final int CHECKED_STEPS = 5;
    private static final double TOLERANCE = 1e-4;

    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /// Milliseconds that a step took, and that the process spent on processors meanwhile.
    private record Cost(double wall, double processor) {}

    private GptStepComparison() {}

    public static void main(String[] arguments) {
        int threads = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2;
        int pairs = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 12;
        torch.set_num_threads(threads);
        Workers.with(threads, () -> compare(threads, pairs));
    }

    private static void compare(int threads, int pairs) {
        try (LehrGptStep ours = new LehrGptStep(GptShape.SMALL);
                TrainingStep peer = new TorchGptStep(GptShape.SMALL, ours.weights())) {
            check(ours, peer);
            Cost[] mine = new Cost[pairs];
            Cost[] theirs = new Cost[pairs];
            double peak = 0;
            for (int i = 0; i < pairs; i++) {
                peak = Math.max(peak, ArithmeticPeak.measure());
                mine[i] = cost(ours);
                theirs[i] = cost(peer);
            }
            double wall = Arrays.stream(mine).mapToDouble(Cost::wall).sorted().toArray()[pairs / 2];
            System.out.printf(
                    Locale.ROOT,
                    "| %d | %s | %s | %.0f | %.0f%% |%n",
                    threads,
                    columns(Cost::wall, mine, theirs),
                    columns(Cost::processor, mine, theirs),
                    peak * 1e-9,
                    100 * GptShape.SMALL.operations() / (wall * 1e-3) / peak);
        }
    }

    private static String columns(ToDoubleFunction<Cost> part, Cost[] mine, Cost[] theirs) {
        double[] ours = Arrays.stream(mine).mapToDouble(part).toArray();
        double[] peers = Arrays.stream(theirs).mapToDouble(part).toArray();
        double[] ratios = new double[ours.length];
        Arrays.setAll(ratios, i -> peers[i] / ours[i]);
        DoubleSummaryStatistics range = Arrays.stream(ratios).summaryStatistics();
        return String.format(
                Locale.ROOT,
                "%.0f | %.0f | %.2f (%.2f to %.2f)",
                median(ours),
                median(peers),
                median(ratios),
                range.getMin(),
                range.getMax());
    }

    private static void check(TrainingStep ours, TrainingStep peer) {
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

    private static Cost cost(TrainingStep step) {
        long began = System.nanoTime();
        long used = SYSTEM.getProcessCpuTime();
        step.step();
        return new Cost((System.nanoTime() - began) * 1e-6, (SYSTEM.getProcessCpuTime() - used) * 1e-6);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
