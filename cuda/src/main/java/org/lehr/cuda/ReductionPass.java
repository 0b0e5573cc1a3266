package org.lehr.cuda;

import java.util.Arrays;
import org.lehr.kernels.DType;
import org.lehr.kernels.ReductionKernels.Reduction;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

/// A reduction of `in` along the marked dimensions into `out`, which has the extents 1 there; any dtype may come out.
///
/// Where there are few outputs of many values, a first pass reduces parts of them, whose number follows from the shape
/// alone.
record ReductionPass(Runtime runtime, Reduction reduction, View out, View in, boolean[] reduced) {

    /// Values of a part, and outputs from which on parts are not wanted.
    private static final long PART = 4096;

    private static final long MANY_OUTPUTS = 1024;
    private static final long MOST_PARTS = 4096;

    void run() {
        View values = dimensions(in, true);
        long count = values.size();
        long parts = parts(count);
        if (parts == 1) {
            launch(reduction, out, in, reduced, 1, count);
            return;
        }
        DType carried = in.dtype().isFloating() ? DType.FLOAT64 : DType.INT64;
        Storage scratch = runtime.allocate(carried.bytes() * parts * out.size(), "reduce: parts");
        try {
            long[] shape = Arrays.copyOf(out.shape(), out.rank() + 1);
            shape[out.rank()] = parts;
            View between = View.rowMajor(scratch, carried, shape);
            launch(reduction == Reduction.MEAN ? Reduction.SUM : reduction, between, in, reduced, parts, 1);
            boolean[] last = new boolean[shape.length];
            last[out.rank()] = true;
            shape = shape.clone();
            shape[out.rank()] = 1;
            View target = new View(
                    out.storage(), out.dtype(), out.offset(), shape, Arrays.copyOf(out.strides(), shape.length));
            launch(combining(), target, between, last, 1, count);
        } finally {
            scratch.release();
        }
    }

    private long parts(long count) {
        boolean divisible = reduction != Reduction.LOGSUMEXP && reduction != Reduction.SUM_SQUARED_DEVIATIONS;
        return divisible && out.size() < MANY_OUTPUTS ? Math.clamp(count / PART, 1, MOST_PARTS) : 1;
    }

    /// What makes one value of the values of the parts.
    private Reduction combining() {
        return switch (reduction) {
            case SUM_ABSOLUTE, SUM_SQUARES -> Reduction.SUM;
            default -> reduction;
        };
    }

    private void launch(Reduction kind, View to, View from, boolean[] along, long parts, long divisor) {
        View keptIn = dimensions(from, along, false);
        View keptOut = parts == 1 ? dimensions(to, along, false) : keptIn;
        Extents kept = Extents.of("reduce", keptOut, keptIn);
        Extents values = Extents.of("reduce", dimensions(from, along, true));
        runtime.launch("reduce " + kind, "reduction", from.dtype().isFloating() ? "reduce_real" : "reduce_whole")
                .view(to)
                .view(from)
                .number(kept.size())
                .number(values.size())
                .number(parts)
                .numbers(kept.shape(), Extents.RANK)
                .numbers(kept.strides()[0], Extents.RANK)
                .numbers(kept.strides()[1], Extents.RANK)
                .numbers(values.shape(), Extents.RANK)
                .numbers(values.strides()[0], Extents.RANK)
                .number(start(kind, from.dtype()))
                .number(start(kind))
                .number((double) divisor)
                .number(kept.rank())
                .number(values.rank())
                .number(kind.ordinal())
                .number(to.dtype().ordinal())
                .number(from.dtype().ordinal())
                .forRows(kept.size() * parts);
    }

    private View dimensions(View view, boolean marked) {
        return dimensions(view, reduced, marked);
    }

    /// The dimensions of a view that are marked, or those that are not.
    private static View dimensions(View view, boolean[] marks, boolean marked) {
        long[] shape = new long[view.rank()];
        long[] strides = new long[view.rank()];
        int rank = 0;
        for (int d = 0; d < view.rank(); d++) {
            if (marks[d] == marked) {
                shape[rank] = view.shape()[d];
                strides[rank++] = view.strides()[d];
            }
        }
        return new View(
                view.storage(), view.dtype(), view.offset(), Arrays.copyOf(shape, rank), Arrays.copyOf(strides, rank));
    }

    private static double start(Reduction kind) {
        return switch (kind) {
            case PRODUCT, ALL -> 1;
            case MAX -> Double.NEGATIVE_INFINITY;
            case MIN -> Double.POSITIVE_INFINITY;
            default -> 0;
        };
    }

    private static long start(Reduction kind, DType dtype) {
        return switch (kind) {
            case PRODUCT, ALL -> 1;
            case MAX -> dtype == DType.INT64 ? Long.MIN_VALUE : dtype == DType.INT32 ? Integer.MIN_VALUE : 0;
            case MIN -> dtype == DType.INT64 ? Long.MAX_VALUE : dtype == DType.INT32 ? Integer.MAX_VALUE : 255;
            default -> 0;
        };
    }
}
