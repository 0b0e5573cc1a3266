package org.lehr.kernels.convolution;

import org.lehr.kernels.ConvolutionKernels.Form;
import org.lehr.kernels.View;

/// A filter of `kh·kw` elements moving over `channels` planes `[h, w]`, giving planes `[rows, columns]`.
record Window(
        int channels,
        int h,
        int w,
        int kh,
        int kw,
        int strideY,
        int strideX,
        int paddingY,
        int paddingX,
        int dilationY,
        int dilationX,
        int rows,
        int columns) {

    /// What a convolution of `x` with `weight` does in each group to get `y`.
    static Window of(View y, View x, View weight, Form form) {
        return new Window(
                extent(weight, 1),
                extent(x, 2),
                extent(x, 3),
                extent(weight, 2),
                extent(weight, 3),
                Math.toIntExact(form.strideY()),
                Math.toIntExact(form.strideX()),
                Math.toIntExact(form.paddingY()),
                Math.toIntExact(form.paddingX()),
                Math.toIntExact(form.dilationY()),
                Math.toIntExact(form.dilationX()),
                extent(y, 2),
                extent(y, 3));
    }

    /// Whether the gradient of the input is again a convolution, of `channels` planes: [#turned].
    boolean turns() {
        return strideY == 1 && strideX == 1 && turnedPaddingY() >= 0 && turnedPaddingX() >= 0;
    }

    /// The convolution with turned filters that leads from a gradient of the result, of `channels` planes, to
    /// that of the input.
    Window turned(int channels) {
        return new Window(
                channels, rows, columns, kh, kw, 1, 1, turnedPaddingY(), turnedPaddingX(), dilationY, dilationX, h, w);
    }

    private int turnedPaddingY() {
        return (kh - 1) * dilationY - paddingY;
    }

    private int turnedPaddingX() {
        return (kw - 1) * dilationX - paddingX;
    }

    /// Elements of one filter plane.
    int taps() {
        return kh * kw;
    }

    /// Elements that each place of the result is a sum over.
    int depth() {
        return Math.multiplyExact(channels, taps());
    }

    /// Places of the result.
    int places() {
        return Math.multiplyExact(rows, columns);
    }

    private static int extent(View view, int dimension) {
        return Math.toIntExact(view.shape()[dimension]);
    }
}
