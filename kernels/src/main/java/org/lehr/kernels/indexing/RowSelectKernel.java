package org.lehr.kernels.indexing;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.lehr.kernels.DType;
import org.lehr.kernels.convert.Bfloat16Kernel;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Reals;
import org.lehr.kernels.memory.Storage;

/// Rows of a table by their numbers: `out[i, :] = table[indices[i], :]`, and its gradient
/// `dTable[indices[i], :] += dOut[i, :]`, repeated indices in the order of `i`.
///
/// `table [rows, n]`, `indices [m]`, `out [m, n]`, dense; every segment begins at the first element. The
/// indices have been checked.
public final class RowSelectKernel {

    private RowSelectKernel() {}

    /// The definition of both directions: copies rows when not `adding`, else adds `out`'s rows into the table.
    public static void reference(Reals out, Reals table, Indices indices, long n, boolean adding) {
        for (long i = 0; i < indices.count(); i++) {
            for (long j = 0; j < n; j++) {
                long place = indices.at(i) * n + j;
                if (adding) {
                    table.put(place, table.get(place) + out.get(i * n + j));
                } else {
                    out.put(i * n + j, table.get(place));
                }
            }
        }
    }

    /// Copies rows of `rowBytes` bytes to the places `[from, to)` of `out`.
    public static void forward(
            MemorySegment out, MemorySegment table, Indices indices, long rowBytes, long from, long to) {
        for (long i = from; i < to; i++) {
            MemorySegment.copy(table, indices.at(i) * rowBytes, out, i * rowBytes, rowBytes);
        }
    }

    /// Adds columns `[from, to)` of all `values [m, n]` into `table`: whoever owns the columns adds in the
    /// order of `i`, so that neither races nor the order depend on how columns are shared out. float32,
    /// float64, int64, int32.
    public static void backward(
            DType dtype, MemorySegment table, Indices indices, MemorySegment values, long n, long from, long to) {
        for (long i = 0; i < indices.count(); i++) {
            Addition.add(dtype, table, indices.at(i) * n + from, values, i * n + from, to - from);
        }
    }

    /// Adds those rows of `values [m, n]` into `table` whose table row leaves the rest `owner` by `owners`, in the
    /// order of
    /// `i`: every table row has one owner. float32, float64, int64, int32.
    public static void backwardOwned(
            DType dtype, MemorySegment table, Indices indices, MemorySegment values, long n, long owners, long owner) {
        for (long i = 0; i < indices.count(); i++) {
            long row = indices.at(i);
            if (row % owners == owner) {
                Addition.add(dtype, table, row * n, values, i * n, n);
            }
        }
    }

    /// Positions of `indices`, ordered by index and where equal by position; as `index·m + position`.
    public static long[] ordered(Indices indices) {
        long m = indices.count();
        long[] keys = new long[Math.toIntExact(m)];
        Arrays.setAll(keys, i -> Math.addExact(Math.multiplyExact(indices.at(i), m), i));
        Arrays.sort(keys);
        return keys;
    }

    /// bfloat16 [#backward] for those table rows whose first entry in `order` (of [#ordered]) stands in
    /// `[from, to)`: each row is widened once, takes all its values in float32, and is rounded once.
    public static void backwardRounded(
            MemorySegment table, long[] order, MemorySegment values, int n, int from, int to) {
        Storage scratch = Pool.host().allocate(8L * n, "addRows, one row in float32");
        try {
            MemorySegment sum = scratch.segment().asSlice(0, 4L * n);
            MemorySegment value = scratch.segment().asSlice(4L * n, 4L * n);
            long m = order.length;
            int i = from;
            while (i < to && i > 0 && order[i] / m == order[i - 1] / m) {
                i++;
            }
            while (i < to) {
                long row = order[i] / m;
                Bfloat16Kernel.widen(table, 2 * row * n, sum, 0, n);
                for (; i < order.length && order[i] / m == row; i++) {
                    Bfloat16Kernel.widen(values, 2 * (order[i] % m) * n, value, 0, n);
                    Addition.add(DType.FLOAT32, sum, 0, value, 0, n);
                }
                Bfloat16Kernel.narrow(sum, 0, table, 2 * row * n, n);
            }
        } finally {
            scratch.release();
        }
    }
}
