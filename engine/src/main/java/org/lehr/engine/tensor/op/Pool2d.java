package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.ConvolutionKernels.Form;

/// One value for each window of an image. `x [b, c, h, w] → [b, c, rows, columns]`
public final class Pool2d {

    private Pool2d() {}

    /// Windows and how they move.
    ///
    /// @param rows height of a window
    /// @param columns width of a window
    /// @param form how windows move; paddings at most half a window, one group
    public record Window(long rows, long columns, Form form) {

        public Window {
            boolean fits = rows >= 1 && columns >= 1 && 2 * form.paddingY() <= rows && 2 * form.paddingX() <= columns;
            if (!fits || form.groups() != 1) {
                throw new IllegalArgumentException("pooling: needs windows of at least 1 x 1, padding of at most half a"
                        + " window, and one group, got " + rows + " x " + columns + " and " + form);
            }
        }

        /// Square windows, without dilation.
        public static Window of(long size, long stride, long padding) {
            return new Window(size, size, Form.of(stride, padding, 1, 1));
        }

        Shape result(String operation, Shape x) {
            long resultRows = x.rank() == 4 ? form.rows(x.extent(2), rows) : 0;
            long resultColumns = x.rank() == 4 ? form.columns(x.extent(3), columns) : 0;
            if (resultRows < 1 || resultColumns < 1) {
                throw new ShapeMismatchException(operation + ": needs x [b, c, h, w] that holds a window of " + rows
                        + " x " + columns + " in the form " + form + ", got " + x);
            }
            return Shape.of(x.extent(0), x.extent(1), resultRows, resultColumns);
        }
    }

    /// The largest value of each window, without what is outside the image; the first of equal ones has the
    /// gradient.
    public static Tensor max(Tensor x, Window window) {
        Tensor places = Tensor.apply(new LargestPlace(window), x.detach());
        long batch = x.extent(0);
        long channels = x.extent(1);
        Tensor flat = x.reshape(batch, channels, x.extent(2) * x.extent(3));
        return flat.gather(2, places.reshape(batch, channels, places.extent(2) * places.extent(3)))
                .reshape(places.shape().toArray());
    }

    /// The mean of each window.
    ///
    /// @param countPadding whether zeros outside the image count
    public static Tensor mean(Tensor x, Window window, boolean countPadding) {
        Tensor sum = sum(x, window);
        long area = window.rows * window.columns;
        boolean padded = window.form.paddingY() > 0 || window.form.paddingX() > 0;
        if (countPadding || !padded) {
            return sum.mul(1.0 / area);
        }
        return sum.div(sum(Tensor.full(1, x.device(), x.dtype(), 1, 1, x.extent(2), x.extent(3)), window));
    }

    /// Windows as sums of shifted images: a term for each place in the window, all added in one pass.
    private static Tensor sum(Tensor x, Window window) {
        Shape result = window.result("avg_pool2d", x.shape());
        if (!x.dtype().isFloating()) {
            throw new DTypeMismatchException("avg_pool2d: needs floating x, got " + x.dtype());
        }
        Form form = window.form;
        Tensor padded =
                Pad.pad(Pad.pad(x, 2, form.paddingY(), form.paddingY(), 0), 3, form.paddingX(), form.paddingX(), 0);
        Tensor sum = null;
        for (long a = 0; a < window.rows; a++) {
            Tensor rows = shifted(padded, 2, a * form.dilationY(), form.strideY(), result.extent(2));
            for (long b = 0; b < window.columns; b++) {
                Tensor part = shifted(rows, 3, b * form.dilationX(), form.strideX(), result.extent(3));
                sum = sum == null ? part : sum.add(part);
            }
        }
        return sum;
    }

    private static Tensor shifted(Tensor x, int dimension, long from, long step, long count) {
        return Slice.slice(x, dimension, from, from + (count - 1) * step + 1, step);
    }
}
