package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.ConvolutionKernels.Form;

/// Convolutions along one dimension: [Conv2d] over images of one row.
public final class Conv1d {

    private Conv1d() {}

    /// How a filter moves along a sequence; see [Form].
    public record Line(long stride, long padding, long dilation, long groups) {

        /// One step at a time, without padding.
        public static final Line PLAIN = new Line(1, 0, 1, 1);

        public Line {
            if (stride < 1 || dilation < 1 || groups < 1 || padding < 0) {
                throw new IllegalArgumentException("conv1d: needs a stride, dilation and groups of at least 1 and"
                        + " padding of at least 0, got " + stride + ", " + dilation + ", " + groups + " and "
                        + padding);
            }
        }

        private Form form() {
            return new Form(1, stride, 0, padding, 1, dilation, groups);
        }
    }

    /// `x [b, g·c, t], weight [o, c, k], bias [o] or null → [b, o, places]`
    public static Tensor conv1d(Tensor x, Tensor weight, Tensor bias, Line line) {
        require("conv1d", x, weight);
        return Conv2d.conv2d(x.unsqueeze(2), weight.unsqueeze(2), bias, line.form())
                .squeeze(2);
    }

    private static void require(String operation, Tensor x, Tensor weight) {
        if (x.rank() != 3 || weight.rank() != 3) {
            throw new ShapeMismatchException(operation + ": needs x [b, g·c, t] and weight [o, c, k], got " + x.shape()
                    + " and " + weight.shape());
        }
    }
}
