package org.lehr.kernels;

import java.util.Objects;

/// Products of matrices and stacks of matrices.
public interface MatmulKernels {

    /// What is done to a product before it is written.
    enum Activation {
        NONE,
        RELU,
        /// `½x(1 + tanh(√(2/π)(x + 0.044715x³)))`
        GELU_TANH,
        /// `½x(1 + erf(x/√2))`
        GELU,
        SILU
    }

    /// `c = activation(scale·a·b + bias) + residual`, all optional. `bias` is `[n]` or null; `residual` has `c`'s
    /// shape or is null; `preActivation`, when not null, receives `scale·a·b + bias` (for the backward pass).
    record Epilogue(double scale, View bias, Activation activation, View residual, View preActivation) {
        public static final Epilogue NONE = new Epilogue(1, null, Activation.NONE, null, null);

        public Epilogue {
            Objects.requireNonNull(activation, "activation");
        }

        public static Epilogue bias(View bias) {
            return new Epilogue(1, bias, Activation.NONE, null, null);
        }
    }

    /// `a [..., m, k] · b [..., k, n] → c [..., m, n]`, where `...` is the same for all three (batches are
    /// broadcast by strides of 0 on `a` or `b`).
    ///
    /// In the last two dimensions `a` and `b` may have any strides; those with a unit stride in one of the two (a
    /// matrix or its transpose) are fast, others are copied first. `c` has unit stride in its last dimension.
    /// `accumulate` adds to what `c` holds (only without activation and residual). With `k = 0` the product is
    /// zero.
    void matmul(View c, View a, View b, boolean accumulate, Epilogue epilogue);

    /// One product for each group of rows, of any heights: rows `[o[g], o[g + 1])` of `c` become those of `a` times
    /// matrix `g` of `b`, or have that added with `accumulate`. What a mixture of experts does with its sorted
    /// rows.
    ///
    /// `a [rows, k], b [g, k, n], o [g + 1] → c [rows, n]`. `offsets` are INT64, ascending from 0 to the number of
    /// rows; groups may be empty. With `b` transposed by its strides this gives the gradient of `a`. Strides as in
    /// [#matmul].
    void groupedMatmul(View c, View a, View b, View offsets, boolean accumulate);

    /// The gradient of [#groupedMatmul] for the matrices: `c[g] = a[o[g]..o[g + 1]]ᵀ · b[o[g]..o[g + 1]]`, or that
    /// added with `accumulate`. An empty group gives zeros.
    ///
    /// `a [rows, k], b [rows, n], o [g + 1] → c [g, k, n]`
    void groupedGradient(View c, View a, View b, View offsets, boolean accumulate);

    /// A product with a matrix `t [n, k]` of −1, 0 and 1: `a [m, k] · tᵀ → c [m, n]`, or transposed
    /// `a [m, n] · t → c [m, k]`. Where `a` holds integers, sums below 2²⁴ are exact.
    ///
    /// @param packed int32 `[n, ⌈k/16⌉]`, dense: sixteen neighbours of a row, the first in the lowest two bits,
    /// each
    ///     plus 1
    void ternaryMatmul(View c, View a, View packed, boolean transposed);
}
