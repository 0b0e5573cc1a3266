package org.lehr.kernels.reduction;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Bfloat16Kernel;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// Applies a function of rows to the rows of dense views `[rows, n]`, whatever their floating dtype.
final class RowMap {

    private static final long GRAIN = 16384;

    /// The fast function, on rows of float32 that follow each other: `out = f(a, b)`; offsets count elements.
    @FunctionalInterface
    interface Fast {
        void apply(
                MemorySegment out,
                long outFrom,
                MemorySegment a,
                long aFrom,
                MemorySegment b,
                long bFrom,
                int rows,
                int n);
    }

    /// The same by its definition, on float64. The arrays are as long as a row.
    @FunctionalInterface
    interface Exact {
        void apply(double[] out, double[] a, double[] b);
    }

    private RowMap() {}

    /// Runs over all rows. Where there is no second input, `b` is `a`.
    static void run(String operation, View out, View a, View b, Fast fast, Exact exact) {
        check(operation, out, a);
        check(operation, out, b);
        int n = Math.toIntExact(a.rank() == 0 ? 1 : a.shape()[a.rank() - 1]);
        if (a.size() == 0) {
            return;
        }
        Workers.current().forRange(a.size() / n, Math.max(1, GRAIN / n), (from, to) -> {
            if (a.dtype() == DType.FLOAT64 || !Lanes.available()) {
                exactly(out, a, b, exact, n, from, to);
            } else if (a.dtype() == DType.FLOAT32) {
                MemorySegment target = out.storage().segment();
                MemorySegment left = a.storage().segment();
                MemorySegment right = b.storage().segment();
                long place = from * n;
                int rows = (int) (to - from);
                fast.apply(target, out.offset() + place, left, a.offset() + place, right, b.offset() + place, rows, n);
            } else {
                widened(out, a, b, fast, n, from, to);
            }
        });
    }

    private static void check(String operation, View out, View in) {
        if (!in.dtype().isFloating() || out.dtype() != in.dtype()) {
            throw new IllegalArgumentException(
                    operation + ": expected views of one floating dtype, got " + in + " into " + out);
        }
        if (!in.isContiguous() || !out.isContiguous() || in.size() != out.size()) {
            throw new IllegalArgumentException(
                    operation + ": expected dense views of one shape, got " + in + " into " + out);
        }
    }

    private static void exactly(View out, View a, View b, Exact exact, int n, long from, long to) {
        double[] result = new double[n];
        double[] left = new double[n];
        double[] right = a == b ? left : new double[n];
        MemorySegment target = out.storage().segment();
        for (long row = from; row < to; row++) {
            Elements.widen(a.storage().segment(), a.dtype(), a.offset() + row * n, 1, left, 0, n);
            if (a != b) {
                Elements.widen(b.storage().segment(), b.dtype(), b.offset() + row * n, 1, right, 0, n);
            }
            exact.apply(result, left, right);
            Elements.narrow(result, 0, n, target, out.dtype(), out.offset() + row * n, 1);
        }
    }

    private static void widened(View out, View a, View b, Fast fast, int n, long from, long to) {
        Storage scratch = Pool.host().allocate(3L * n * Float.BYTES, "widened rows");
        try {
            MemorySegment rows = scratch.segment();
            MemorySegment left = a.storage().segment();
            MemorySegment right = b.storage().segment();
            MemorySegment target = out.storage().segment();
            for (long row = from; row < to; row++) {
                Bfloat16Kernel.widen(left, (a.offset() + row * n) * 2, rows, 4L * n, n);
                long second = a == b ? n : 2L * n;
                if (a != b) {
                    Bfloat16Kernel.widen(right, (b.offset() + row * n) * 2, rows, 4 * second, n);
                }
                fast.apply(rows, 0, rows, n, rows, second, 1, n);
                Bfloat16Kernel.narrow(rows, 0, target, (out.offset() + row * n) * 2, n);
            }
        } finally {
            scratch.release();
        }
    }
}
