package org.lehr.cuda;

import java.util.Arrays;
import org.lehr.kernels.DType;
import org.lehr.kernels.ReductionKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

/// Many values into one, running reductions, softmax, sorting.
record CudaReduction(Runtime runtime) implements ReductionKernels {

    private static final String FILE = "reduction";

    @Override
    public void reduce(Reduction reduction, View out, View in, int... dimensions) {
        check("reduce", out, in, dimensions);
        checkTypes(reduction, out, in);
        if (out.size() == 0) {
            return;
        }
        boolean[] reduced = new boolean[in.rank()];
        for (int dimension : dimensions) {
            reduced[dimension] = true;
        }
        new ReductionPass(runtime, reduction, out, in, reduced).run();
    }

    @Override
    public void argument(boolean largest, View out, View in, int dimension) {
        String operation = largest ? "argmax" : "argmin";
        check(operation, out, in, dimension);
        if (out.dtype() != DType.INT64) {
            throw new IllegalArgumentException(operation + ": indices must be int64, got " + out);
        }
        if (out.size() == 0) {
            return;
        }
        if (in.shape()[dimension] == 0) {
            throw new IllegalArgumentException(
                    operation + ": dimension " + dimension + " of " + in + " has no elements to choose from");
        }
        lines(operation, "argument", out, in, dimension)
                .flag(largest)
                .flag(false)
                .forRows(out.size());
    }

    @Override
    public void scan(Scan scan, View out, View in, int dimension, boolean reverse) {
        if (!Arrays.equals(out.shape(), in.shape()) || out.dtype() != in.dtype()) {
            throw new IllegalArgumentException(
                    "scan: expected views of one shape and dtype, got " + in + " into " + out);
        }
        if (in.size() > 0) {
            lines("scan", "scan", out, in, dimension)
                    .number(scan.ordinal())
                    .flag(reverse)
                    .forElements(in.size() / in.shape()[dimension]);
        }
    }

    @Override
    public void softmax(View out, View x) {
        rows("softmax", "softmax_", out, x, null);
    }

    @Override
    public void softmaxBackward(View dx, View y, View dy) {
        rows("softmaxBackward", "softmax_gradient_", dx, dy, y);
    }

    @Override
    public void logSoftmax(View out, View x) {
        rows("logSoftmax", "log_softmax_", out, x, null);
    }

    @Override
    public void logSoftmaxBackward(View dx, View y, View dy) {
        rows("logSoftmaxBackward", "log_softmax_gradient_", dx, dy, y);
    }

    @Override
    public void sort(View values, View indices, View x, boolean descending) {
        if (last(values) != last(x)) {
            throw new IllegalArgumentException("sort: expected rows of " + last(x) + " values, got " + values);
        }
        sort("sort", values, indices, x, descending);
    }

    @Override
    public void topK(View values, View indices, View x, boolean largest) {
        if (last(values) > last(x)) {
            throw new IllegalArgumentException(
                    "topK: k = " + last(values) + " exceeds the " + last(x) + " elements of a row of " + x);
        }
        sort("topK", values, indices, x, largest);
    }

    @Override
    public double globalNorm(View... views) {
        Storage scratch = runtime.allocate((long) Double.BYTES * views.length, "globalNorm");
        try {
            for (int i = 0; i < views.length; i++) {
                View view = views[i];
                if (!view.isContiguous() || !view.dtype().isFloating()) {
                    throw new IllegalArgumentException("globalNorm: expected dense views of a floating dtype, got "
                            + view + " with strides " + Arrays.toString(view.strides()));
                }
                View flat = line(view.storage(), view.dtype(), view.offset(), view.size());
                View square = line(scratch, DType.FLOAT64, i, 1);
                new ReductionPass(runtime, Reduction.SUM_SQUARES, square, flat, new boolean[] {true}).run();
            }
            double sum = 0;
            for (int i = 0; i < views.length; i++) {
                sum += Double.longBitsToDouble(runtime.readLong(scratch.address() + (long) Double.BYTES * i));
            }
            return Math.sqrt(sum);
        } finally {
            scratch.release();
        }
    }

    private static View line(Storage storage, DType dtype, long offset, long count) {
        return new View(storage, dtype, offset, new long[] {count}, new long[] {1});
    }

    private Launch lines(String operation, String kernel, View out, View in, int dimension) {
        Extents lines = Extents.of(operation, single(out, dimension), single(in, dimension));
        return runtime.launch(operation, FILE, kernel + "_" + path(in))
                .view(out)
                .view(in)
                .number(lines.size())
                .number(in.shape()[dimension])
                .numbers(lines.shape(), Extents.RANK)
                .numbers(lines.strides()[0], Extents.RANK)
                .numbers(lines.strides()[1], Extents.RANK)
                .number(out.strides()[dimension])
                .number(in.strides()[dimension])
                .number(lines.rank())
                .number(out.dtype().ordinal())
                .number(in.dtype().ordinal());
    }

    /// The first elements of all lines along a dimension.
    private static View single(View view, int dimension) {
        long[] shape = view.shape().clone();
        shape[dimension] = 1;
        return new View(view.storage(), view.dtype(), view.offset(), shape, view.strides());
    }

    private void rows(String operation, String kernel, View out, View x, View y) {
        runtime.launch(operation, FILE, kernel + x.dtype())
                .dense(out)
                .dense(x)
                .dense(y)
                .number(x.shape()[0])
                .number(x.shape()[1])
                .forRows(x.shape()[0]);
    }

    private void sort(String operation, View values, View indices, View x, boolean descending) {
        if (indices.dtype() != DType.INT64) {
            throw new IllegalArgumentException(operation + ": indices must be int64, got " + indices);
        }
        long n = last(x);
        long k = last(values);
        if (values.dtype() != x.dtype()
                || !Arrays.equals(values.shape(), indices.shape())
                || n > 0 && values.size() != x.size() / n * k) {
            throw new IllegalArgumentException(operation + ": expected values of " + x.dtype()
                    + " and indices of one shape, got " + values + " and " + indices + " for " + x);
        }
        runtime.launch(operation, FILE, "sort_" + path(x))
                .dense(values)
                .dense(indices)
                .dense(x)
                .number(n == 0 ? 0 : x.size() / n)
                .number(n)
                .number(k)
                .number(x.dtype().ordinal())
                .flag(descending)
                .forElements(x.size());
    }

    private static String path(View view) {
        return view.dtype().isFloating() ? "real" : "whole";
    }

    private static long last(View view) {
        return view.shape()[view.rank() - 1];
    }

    private static void checkTypes(Reduction reduction, View out, View in) {
        boolean fits = switch (reduction) {
            case ANY, ALL -> in.dtype() == DType.BOOL && out.dtype() == DType.BOOL;
            case SUM ->
                switch (in.dtype()) {
                    case FLOAT32, FLOAT64, BFLOAT16, INT64 -> out.dtype() == in.dtype();
                    case INT32 -> out.dtype() == DType.INT32 || out.dtype() == DType.INT64;
                    case UINT8, BOOL -> out.dtype() == DType.INT64;
                };
            case PRODUCT, MAX, MIN -> in.dtype() != DType.BOOL && out.dtype() == in.dtype();
            case MEAN, SUM_ABSOLUTE, SUM_SQUARES, LOGSUMEXP, SUM_SQUARED_DEVIATIONS ->
                in.dtype().isFloating() && out.dtype() == in.dtype();
        };
        if (!fits) {
            throw new IllegalArgumentException(
                    "reduce: " + reduction + " of " + in.dtype() + " into " + out.dtype() + " is not defined");
        }
    }

    private static void check(String operation, View out, View in, int... dimensions) {
        long[] expected = in.shape().clone();
        int last = -1;
        for (int dimension : dimensions) {
            if (dimension <= last || dimension >= in.rank()) {
                throw new IndexOutOfBoundsException(operation + ": dimensions " + Arrays.toString(dimensions)
                        + " are not ascending numbers below the rank of " + in);
            }
            last = dimension;
            expected[dimension] = 1;
        }
        if (!Arrays.equals(out.shape(), expected)) {
            throw new IllegalArgumentException(operation + ": reducing " + in + " along " + Arrays.toString(dimensions)
                    + " gives " + Arrays.toString(expected) + ", not " + out);
        }
    }
}
