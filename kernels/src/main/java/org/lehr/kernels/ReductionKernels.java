package org.lehr.kernels;

/// Many values into one, along any set of dimensions, always combined in the same order.
public interface ReductionKernels {

    /// What a reduction computes. Sums of float32 are carried in blocks, so that the error grows with the logarithm
    /// of the count; `LOGSUMEXP` is stabilised by the maximum; a NaN anywhere makes `MAX` and `MIN` NaN.
    enum Reduction {
        SUM,
        MEAN,
        PRODUCT,
        MAX,
        MIN,
        /// `Σ|x|`
        SUM_ABSOLUTE,
        /// `Σx²`
        SUM_SQUARES,
        /// `log Σ exp x`
        LOGSUMEXP,
        /// `Σ(x − mean)²`, in two passes
        SUM_SQUARED_DEVIATIONS,
        ANY,
        ALL
    }

    /// What a running reduction computes.
    enum Scan {
        SUM,
        PRODUCT,
        MAX
    }

    /// Reduces `in` along `dimensions` (ascending, without repeats).
    ///
    /// `out` has the shape of `in` with the reduced extents set to 1. Any strides; two views of the same numbers in
    /// different layouts may give sums that differ in rounding. Floating dtypes give their own dtype.
    /// `ANY` and `ALL` take and give bool. `SUM`, `PRODUCT`, `MAX` and `MIN` take integers too and give the same
    /// dtype, wrapping around; `SUM` counts bool and uint8 into int64 and may widen int32 to it.
    ///
    /// Over nothing: sums are 0, `PRODUCT` and `ALL` are 1, `MAX` and `LOGSUMEXP` are −∞, `MIN` is +∞ (integers:
    /// their least and greatest), `MEAN` is NaN. `LOGSUMEXP` of nothing but −∞ is −∞, with a +∞ it is +∞.
    ///
    /// @throws IllegalArgumentException when the reduction is not defined for the dtypes, or the shapes disagree
    void reduce(Reduction reduction, View out, View in, int... dimensions);

    /// The place of the largest (`largest`) or smallest value along `dimension`, the first where several are equal;
    /// a NaN wins. `out` is int64, the shape of `in` with that extent set to 1. Any dtype, any strides.
    ///
    /// @throws IllegalArgumentException when the dimension is empty and `out` is not
    void argument(boolean largest, View out, View in, int dimension);

    /// Running sum, product or maximum along `dimension`: `out[..., i, ...]` combines `in[..., 0..i, ...]`.
    /// Same shape and dtype (any), any strides; `reverse` runs from the end. float32 is carried in float64.
    void scan(Scan scan, View out, View in, int dimension, boolean reverse);

    /// Softmax along the last dimension: `out = exp(x − max) / Σ exp(x − max)`. Dense `[rows, n]`.
    /// A row of nothing but −∞, or with a +∞ or NaN, gives NaN.
    void softmax(View out, View x);

    /// `dx = y·(dy − Σ y·dy)`, with `y` the softmax. Dense `[rows, n]`.
    void softmaxBackward(View dx, View y, View dy);

    /// `out = x − logsumexp(x)` along the last dimension. Dense `[rows, n]`.
    void logSoftmax(View out, View x);

    /// `dx = dy − exp(y)·Σ dy`, with `y` the log-softmax. Dense `[rows, n]`.
    void logSoftmaxBackward(View dx, View y, View dy);

    /// Sorts along the last dimension of dense `[rows, n]`: `values` the sorted numbers, `indices` (int64) where
    /// each came from. Any dtype. Stable, also when descending; NaN counts as the largest number, −0 equals +0.
    void sort(View values, View indices, View x, boolean descending);

    /// The `k` largest (or smallest) along the last dimension of dense `[rows, n]`, in order; ties by smaller
    /// index; NaN counts as the largest number. `values`, `indices` (int64) are `[rows, k]`.
    void topK(View values, View indices, View x, boolean largest);

    /// `√Σ x²` over all elements of all `views` (dense, any shapes), accumulated in float64 in a fixed order.
    double globalNorm(View... views);
}
