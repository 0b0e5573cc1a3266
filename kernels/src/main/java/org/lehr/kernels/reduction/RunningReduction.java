package org.lehr.kernels.reduction;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.lehr.kernels.ReductionKernels.Scan;
import org.lehr.kernels.View;
import org.lehr.kernels.parallel.Workers;

/// Running sums, products and maxima: along each line element after element, in float64 or 64-bit integers, each result
/// rounded on its own. Several lines go side by side.
final class RunningReduction {

    private static final int LINES = 16;
    private static final long GRAIN = 16384;

    private final Scan scan;
    private final View out;
    private final View in;
    private final boolean reverse;
    private final ReductionLayout lines;
    private final long n;
    private final long inStep;
    private final long outStep;
    private final long inner;

    RunningReduction(Scan scan, View out, View in, int dimension, boolean reverse) {
        this.scan = scan;
        this.out = out;
        this.in = in;
        this.reverse = reverse;
        lines = ReductionLayout.of(out, in, dimension);
        n = in.shape()[dimension];
        inStep = in.strides()[dimension];
        outStep = out.strides()[dimension];
        int last = lines.keptShape().length - 1;
        inner = last < 0 ? 1 : lines.keptShape()[last];
    }

    void run() {
        if (in.size() == 0) {
            return;
        }
        long perGroup = (inner + LINES - 1) / LINES;
        long bundles = lines.kept() / inner * perGroup;
        Workers.current().forRange(bundles, Math.max(1, GRAIN / (LINES * n)), (from, to) -> {
            Bundle bundle = new Bundle();
            for (long i = from; i < to; i++) {
                long start = i % perGroup * LINES;
                bundle.run(i / perGroup * inner + start, (int) Math.min(LINES, inner - start));
            }
        });
    }

    /// A few neighbouring lines.
    private final class Bundle {

        private final MemorySegment source = in.storage().segment();
        private final MemorySegment target = out.storage().segment();
        private final Walk read = lines.read();
        private final Walk written = lines.written();

        private final long[] places = new long[LINES];

        void run(long line, int width) {
            read.seek(line);
            written.seek(line);
            for (int j = 0; j < width; j++) {
                places[j] = out.offset() + written.offset();
                written.next();
            }
            if (in.dtype().isFloating()) {
                runFloating(width);
            } else {
                runIntegers(width);
            }
        }

        private void runFloating(int width) {
            double[] x = new double[width];
            double[] result = new double[width];
            Arrays.fill(
                    result,
                    switch (scan) {
                        case SUM -> 0;
                        case PRODUCT -> 1;
                        case MAX -> Double.NEGATIVE_INFINITY;
                    });
            for (long i = 0; i < n; i++) {
                Elements.widen(source, in.dtype(), readPlace(i), read.step(), x, 0, width);
                for (int j = 0; j < width; j++) {
                    result[j] = switch (scan) {
                        case SUM -> result[j] + x[j];
                        case PRODUCT -> result[j] * x[j];
                        case MAX -> Math.max(result[j], x[j]);
                    };
                }
                long shift = (reverse ? n - 1 - i : i) * outStep;
                for (int j = 0; j < width; j++) {
                    Elements.put(target, out.dtype(), places[j] + shift, result[j]);
                }
            }
        }

        private void runIntegers(int width) {
            long[] x = new long[width];
            long[] result = new long[width];
            Arrays.fill(
                    result,
                    switch (scan) {
                        case SUM -> 0;
                        case PRODUCT -> 1;
                        case MAX -> Elements.least(in.dtype());
                    });
            for (long i = 0; i < n; i++) {
                Elements.widen(source, in.dtype(), readPlace(i), read.step(), x, 0, width);
                for (int j = 0; j < width; j++) {
                    result[j] = switch (scan) {
                        case SUM -> result[j] + x[j];
                        case PRODUCT -> result[j] * x[j];
                        case MAX -> Math.max(result[j], x[j]);
                    };
                }
                long shift = (reverse ? n - 1 - i : i) * outStep;
                for (int j = 0; j < width; j++) {
                    Elements.put(target, out.dtype(), places[j] + shift, result[j]);
                }
            }
        }

        private long readPlace(long i) {
            return in.offset() + read.offset() + (reverse ? n - 1 - i : i) * inStep;
        }
    }
}
