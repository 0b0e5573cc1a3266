package org.lehr.kernels;

/// Convolutions in two dimensions (one is two with an extent of 1), and the causal one along time with one
/// filter per channel. As everywhere in neural networks, nothing is flipped: these are correlations.
public interface ConvolutionKernels {

    /// How a filter moves over an image; the first number of each pair is that of the rows.
    ///
    /// @param strideY distance of neighbouring places of the filter, at least 1
    /// @param paddingY rows of zeros before the first and behind the last row, at least 0
    /// @param dilationY distance of the filter's own neighbouring elements, at least 1
    /// @param groups equal parts that the channels fall into, each with filters of its own
    record Form(long strideY, long strideX, long paddingY, long paddingX, long dilationY, long dilationX, long groups) {

        public Form {
            if (strideY < 1 || strideX < 1 || dilationY < 1 || dilationX < 1 || groups < 1) {
                throw new IllegalArgumentException("convolution: strides, dilations and groups must be at least 1, got"
                        + " strides " + strideY + " and " + strideX + ", dilations " + dilationY + " and "
                        + dilationX + ", groups " + groups);
            }
            if (paddingY < 0 || paddingX < 0) {
                throw new IllegalArgumentException(
                        "convolution: padding must not be negative, got " + paddingY + " and " + paddingX);
            }
        }

        /// The same in both directions.
        public static Form of(long stride, long padding, long dilation, long groups) {
            return new Form(stride, stride, padding, padding, dilation, dilation, groups);
        }

        /// Rows of the result for `rows` rows of the image; below 1 where the filter does not fit.
        public long rows(long rows, long filterRows) {
            return extent(rows + 2 * paddingY, (filterRows - 1) * dilationY + 1, strideY);
        }

        /// Columns of the result.
        public long columns(long columns, long filterColumns) {
            return extent(columns + 2 * paddingX, (filterColumns - 1) * dilationX + 1, strideX);
        }

        private static long extent(long padded, long span, long stride) {
            return Math.floorDiv(padded - span, stride) + 1;
        }
    }

    /// `y[n, o, i, j] = bias[o] + Σ weight[o, c, a, b]·x[n, C(o) + c, i·strideY − paddingY + a·dilationY,
    /// ...]`, where what is outside the image is 0 and `C(o)` is the first channel of `o`'s group.
    ///
    /// `x [b, groups·c, h, w], weight [o, c, kh, kw], bias [o] or null → y [b, o, rows, columns]`, all dense.
    void convolution(View y, View x, View weight, View bias, Form form);

    /// Gradient of [#convolution] with respect to `x`, which is the transposed convolution of `dy`.
    void inputGradient(View dx, View dy, View weight, Form form);

    /// Gradient of [#convolution] with respect to `weight`.
    void weightGradient(View dWeight, View dy, View x, Form form);

    /// Where the largest value of each window stands in its plane, `row·w + column`: the first of several equal
    /// ones, a
    /// NaN before any number. What is outside the image does not count; every window has a value at least.
    ///
    /// `x [b, c, h, w] → places int64 [b, c, rows, columns]`, all dense; `form` has one group.
    void largest(View places, View x, long filterRows, long filterColumns, Form form);

    /// The filters of a causal convolution along time.
    ///
    /// @param weight `[channels, k]`, the last element for the present
    /// @param bias `[channels]` or null
    /// @param state `[b, k − 1, channels]`, what came before `x`, oldest first; null for zeros
    /// @param silu whether `z·σ(z)` of the result is taken
    record Causal(View weight, View bias, View state, boolean silu) {

        /// Elements of each filter.
        public long width() {
            return weight.shape()[1];
        }
    }

    /// `y[n, t, c] = f(bias[c] + Σ_j weight[c, j]·x[n, t − (k − 1) + j, c])`, where earlier times are
    /// `state`'s.
    /// `x, y [b, t, channels]`, all dense.
    void causal(View y, View x, Causal form);

    /// Where the gradients of [#causal] go; those of bias and state may be null.
    record CausalGradients(View dx, View dWeight, View dBias, View dState) {}

    /// Gradient of [#causal].
    void causalBackward(CausalGradients out, View dy, View x, Causal form);
}
