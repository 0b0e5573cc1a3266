package org.lehr.kernels.reduction;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.ReductionKernels.Reduction;
import org.lehr.kernels.View;
import org.lehr.kernels.parallel.Workers;

/// Reductions of integers and bool in 64-bit arithmetic, which wraps around; any order gives the same bits.
final class IntegerReduction {

    private static final int BLOCK = 4096;
    private static final long GRAIN = 32768;

    private final Reduction reduction;
    private final View out;
    private final View in;
    private final ReductionLayout layout;

    IntegerReduction(Reduction reduction, View out, View in, ReductionLayout layout) {
        this.reduction = reduction;
        this.out = out;
        this.in = in;
        this.layout = layout;
    }

    void run() {
        long n = layout.reduced();
        long rows = layout.kept();
        // Long rows are cut into parts that are a function of their length alone; short ones are one part each.
        int parts = Math.toIntExact(Math.max(1, n / GRAIN));
        MemorySegment target = out.storage().segment();
        if (parts == 1) {
            Workers.current().forRange(rows, Math.max(1, GRAIN / Math.max(n, 1)), (from, to) -> {
                Sweep sweep = new Sweep();
                for (long row = from; row < to; row++) {
                    sweep.put(target, row, sweep.over(row, 0, n));
                }
            });
            return;
        }
        long[] partials = new long[Math.toIntExact(Math.multiplyExact(rows, (long) parts))];
        Workers.current().forRange(partials.length, 1, (from, to) -> {
            Sweep sweep = new Sweep();
            for (int i = (int) from; i < to; i++) {
                long part = i % parts;
                partials[i] = sweep.over(i / parts, n * part / parts, n * (part + 1) / parts);
            }
        });
        Sweep sweep = new Sweep();
        for (int row = 0; row < rows; row++) {
            sweep.put(target, row, fold(identity(), partials, row * parts, parts));
        }
    }

    private long identity() {
        return switch (reduction) {
            case PRODUCT, ALL -> 1;
            case MAX -> Elements.least(in.dtype());
            case MIN -> Elements.greatest(in.dtype());
            default -> 0;
        };
    }

    private long fold(long start, long[] x, int from, int count) {
        long r = start;
        int to = from + count;
        switch (reduction) {
            case SUM -> {
                for (int i = from; i < to; i++) {
                    r += x[i];
                }
            }
            case PRODUCT -> {
                for (int i = from; i < to; i++) {
                    r *= x[i];
                }
            }
            case MAX -> {
                for (int i = from; i < to; i++) {
                    r = Math.max(r, x[i]);
                }
            }
            case MIN -> {
                for (int i = from; i < to; i++) {
                    r = Math.min(r, x[i]);
                }
            }
            case ANY -> {
                for (int i = from; i < to; i++) {
                    r |= x[i] == 0 ? 0 : 1;
                }
            }
            case ALL -> {
                for (int i = from; i < to; i++) {
                    r &= x[i] == 0 ? 0 : 1;
                }
            }
            default -> throw new IllegalArgumentException("reduce: " + reduction + " of " + in.dtype());
        }
        return r;
    }

    /// One thread's place in the input and the output.
    private final class Sweep {

        private final MemorySegment source = in.storage().segment();
        private final Walk read = layout.read();
        private final Walk written = layout.written();
        private final Walk walk = layout.walk();
        private final long[] block = new long[BLOCK];

        long over(long row, long from, long to) {
            long result = identity();
            if (from == to) {
                return result;
            }
            read.seek(row);
            walk.seek(from);
            for (long done = from; done < to; ) {
                int run = (int) Math.min(Math.min(BLOCK, to - done), walk.run());
                long place = in.offset() + read.offset() + walk.offset();
                Elements.widen(source, in.dtype(), place, walk.step(), block, 0, run);
                result = fold(result, block, 0, run);
                walk.advance(run);
                done += run;
            }
            return result;
        }

        void put(MemorySegment target, long row, long value) {
            written.seek(row);
            Elements.put(target, out.dtype(), out.offset() + written.offset(), value);
        }
    }
}
