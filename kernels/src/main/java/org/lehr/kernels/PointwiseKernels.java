package org.lehr.kernels;

import java.util.function.LongFunction;
import org.lehr.kernels.fusion.Chain;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.pointwise.PointwiseOp;

/// One value out for one value of each input, at every place of an array.
public interface PointwiseKernels {

    /// `out[i] = op(inputs[0][i], inputs[1][i], ...)`.
    ///
    /// All views have the same shape (the caller has broadcast them by strides of 0). `out` may be exactly an input
    /// (same storage, offset and strides). Dtypes: [PointwiseOp#resultType] says what comes out for what goes in.
    void map(PointwiseOp op, View out, View... inputs);

    /// Several operations in one pass: the result has the bits of [Chain#stepwise]. The inputs have `out`'s shape,
    /// as in
    /// [#map], and `out` overlaps none of them. Where [#chains] is false, `chain` is evaluated step by step.
    ///
    /// @param memory gives so many bytes for a result in between, where one is needed
    default void chain(Chain chain, LongFunction<Storage> memory, View out, View... inputs) {
        chain.stepwise(this, memory, out, inputs);
    }

    /// Whether [#chain] is faster than its steps one by one, so that it pays to wait for what follows an operation.
    default boolean chains() {
        return false;
    }

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
