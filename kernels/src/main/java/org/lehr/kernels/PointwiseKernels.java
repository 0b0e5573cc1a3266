package org.lehr.kernels;

import org.lehr.kernels.pointwise.PointwiseOp;

/// One value out for one value of each input, at every place of an array.
public interface PointwiseKernels {

    /// `out[i] = op(inputs[0][i], inputs[1][i], ...)`.
    ///
    /// All views have the same shape (the caller has broadcast them by strides of 0). `out` may be exactly an input
    /// (same storage, offset and strides). Dtypes: [PointwiseOp#resultType] says what comes out for what goes in.
    void map(PointwiseOp op, View out, View... inputs);

    /// `out[i] = in[i]`, converted to `out`'s dtype; any strides on both sides.
    ///
    /// Floating to integer truncates towards zero and saturates, NaN becomes 0; to bool is `≠ 0`;
    /// float32 to bfloat16 rounds to nearest, ties to even.
    void copy(View out, View in);

    /// `out[i] = value`, converted to `out`'s dtype.
    void fill(View out, double value);

    /// `out[i] = start + i·step` over a dense one-dimensional `out` of any numeric dtype.
    void range(View out, double start, double step);
}
