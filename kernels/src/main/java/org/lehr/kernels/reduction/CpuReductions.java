package org.lehr.kernels.reduction;

import java.util.Arrays;
import org.lehr.kernels.DType;
import org.lehr.kernels.ReductionKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.fusion.ChainSource;
import org.lehr.kernels.fusion.Fusion;

/// The reductions on the processor. Checks shapes and dtypes, then chooses the way.
public final class CpuReductions implements ReductionKernels {

    /// Has no state.
    public CpuReductions() {}

    @Override
    public void reduce(Reduction reduction, View out, View in, int... dimensions) {
        checkReduced("reduce", out, in, dimensions);
        checkTypes(reduction, out, in);
        if (out.size() == 0) {
            return;
        }
        ReductionLayout layout = ReductionLayout.of(out, in, dimensions);
        if (!in.dtype().isFloating()) {
            in.storage().complete();
            new IntegerReduction(reduction, out, in, layout).run();
            return;
        }
        Formula formula = Formula.of(reduction);
        boolean columnwise = layout.reduced() > 0
                && layout.columns() >= ColumnReduction.LEAST_COLUMNS
                && !(layout.reducedShape().length > 0 && layout.reducedIsDense());
        // Each value is wanted once, in the order in which it would stand in memory.
        boolean flows =
                !columnwise && formula.second().isEmpty() && formula.first() != Pass.PRODUCT && layout.reducedIsDense();
        if (flows && Fusion.stream(in, source -> reduce(formula, out, layout, source))) {
            return;
        }
        in.storage().complete();
        if (columnwise) {
            new ColumnReduction(formula, out, in, layout).run();
        } else if (DenseRows.fit(formula, out, in, layout)) {
            DenseRows.run(formula, out, in, layout);
        } else {
            new RowReduction(formula, out, in, layout).run();
        }
    }

    private static void reduce(Formula formula, View out, ReductionLayout layout, ChainSource source) {
        new RowReduction(formula, out, layout, () -> new ChainBlocks(source)).run();
    }

    @Override
    public void argument(boolean largest, View out, View in, int dimension) {
        String operation = largest ? "argmax" : "argmin";
        checkReduced(operation, out, in, dimension);
        checkIndices(operation, out);
        if (out.size() == 0) {
            return;
        }
        if (in.shape()[dimension] == 0) {
            throw new IllegalArgumentException(
                    operation + ": dimension " + dimension + " of " + in + " has no elements to choose from");
        }
        new ArgumentReduction(largest, out, in, dimension).run();
    }

    @Override
    public void scan(Scan scan, View out, View in, int dimension, boolean reverse) {
        if (!Arrays.equals(out.shape(), in.shape()) || out.dtype() != in.dtype()) {
            throw new IllegalArgumentException(
                    "scan: expected views of one shape and dtype, got " + in + " into " + out);
        }
        checkDimensions("scan", in, dimension);
        new RunningReduction(scan, out, in, dimension, reverse).run();
    }

    @Override
    public void softmax(View out, View x) {
        RowMap.run(
                "softmax",
                out,
                x,
                x,
                (y, yFrom, a, aFrom, b, bFrom, rows, n) -> SoftmaxKernel.forward(y, yFrom, a, aFrom, rows, n),
                (y, a, b) -> SoftmaxKernel.reference(y, a));
    }

    @Override
    public void softmaxBackward(View dx, View y, View dy) {
        RowMap.run("softmaxBackward", dx, y, dy, SoftmaxKernel::backward, SoftmaxKernel::backwardReference);
    }

    @Override
    public void logSoftmax(View out, View x) {
        RowMap.run(
                "logSoftmax",
                out,
                x,
                x,
                (y, yFrom, a, aFrom, b, bFrom, rows, n) -> LogSoftmaxKernel.forward(y, yFrom, a, aFrom, rows, n),
                (y, a, b) -> LogSoftmaxKernel.reference(y, a));
    }

    @Override
    public void logSoftmaxBackward(View dx, View y, View dy) {
        RowMap.run("logSoftmaxBackward", dx, y, dy, LogSoftmaxKernel::backward, LogSoftmaxKernel::backwardReference);
    }

    @Override
    public void sort(View values, View indices, View x, boolean descending) {
        checkSorted("sort", values, indices, x);
        int n = lastExtent(x);
        if (lastExtent(values) != n) {
            throw new IllegalArgumentException("sort: expected rows of " + n + " values, got " + values);
        }
        SortedRows.run(values, indices, x, n, n, descending);
    }

    @Override
    public void topK(View values, View indices, View x, boolean largest) {
        checkSorted("topK", values, indices, x);
        int n = lastExtent(x);
        int k = lastExtent(values);
        if (k > n) {
            throw new IllegalArgumentException("topK: k = " + k + " exceeds the " + n + " elements of a row of " + x);
        }
        SortedRows.run(values, indices, x, n, k, largest);
    }

    @Override
    public double globalNorm(View... views) {
        for (View view : views) {
            if (!view.dtype().isFloating() || !view.isContiguous()) {
                throw new IllegalArgumentException("globalNorm: expected dense views of a floating dtype, got " + view
                        + " with strides " + Arrays.toString(view.strides()));
            }
        }
        return NormKernel.norm(views);
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

    private static void checkReduced(String operation, View out, View in, int... dimensions) {
        checkDimensions(operation, in, dimensions);
        long[] expected = in.shape().clone();
        for (int dimension : dimensions) {
            expected[dimension] = 1;
        }
        if (!Arrays.equals(out.shape(), expected)) {
            throw new IllegalArgumentException(operation + ": reducing " + in + " along " + Arrays.toString(dimensions)
                    + " gives " + Arrays.toString(expected) + ", not " + out);
        }
    }

    private static void checkDimensions(String operation, View in, int... dimensions) {
        int last = -1;
        for (int dimension : dimensions) {
            if (dimension <= last || dimension >= in.rank()) {
                throw new IndexOutOfBoundsException(operation + ": dimensions " + Arrays.toString(dimensions)
                        + " are not ascending numbers below the rank of " + in);
            }
            last = dimension;
        }
    }

    private static void checkIndices(String operation, View indices) {
        if (indices.dtype() != DType.INT64) {
            throw new IllegalArgumentException(operation + ": indices must be int64, got " + indices);
        }
    }

    private static void checkSorted(String operation, View values, View indices, View x) {
        checkIndices(operation, indices);
        if (values.dtype() != x.dtype() || !Arrays.equals(values.shape(), indices.shape())) {
            throw new IllegalArgumentException(operation + ": expected values of " + x.dtype()
                    + " and indices of one shape, got " + values + " and " + indices);
        }
        if (!values.isContiguous() || !indices.isContiguous() || !x.isContiguous()) {
            throw new IllegalArgumentException(operation + ": expected dense views");
        }
        int n = lastExtent(x);
        int k = lastExtent(values);
        if (n > 0 && values.size() != x.size() / n * k) {
            throw new IllegalArgumentException(operation + ": rows differ: " + x + " into " + values);
        }
    }

    private static int lastExtent(View view) {
        return view.rank() == 0 ? 1 : Math.toIntExact(view.shape()[view.rank() - 1]);
    }
}
