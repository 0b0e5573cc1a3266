package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.ConvolutionKernels.Form;

/// Filters moved over images (LeCun et al. 1989), not turned:
/// `y[o, i, j] = b[o] + Σ weight[o, c, u, v]·x[c, i + u, j + v]`.
/// `x [b, g·c, h, w], weight [o, c, kh, kw], bias [o] → [b, o, rows, columns]`, with
/// `rows = ⌊(h + 2·padding − dilation·(kh − 1) − 1)/stride⌋ + 1`
public record Conv2d(Form form) implements Op {

    /// The convolution with the same stride and padding in both directions, without dilation or groups;
    /// `bias` may be null.
    public static Tensor conv2d(Tensor x, Tensor weight, Tensor bias, long stride, long padding) {
        return conv2d(x, weight, bias, Form.of(stride, padding, 1, 1));
    }

    /// The convolution in any form; `bias` may be null.
    public static Tensor conv2d(Tensor x, Tensor weight, Tensor bias, Form form) {
        return bias == null
                ? Tensor.apply(new Conv2d(form), x, weight)
                : Tensor.apply(new Conv2d(form), x, weight, bias);
    }

    @Override
    public Tensor forward(Call call) {
        requireOneFloating(name(), call);
        Shape x = call.shape(0);
        Shape weight = call.shape(1);
        requireChannels(name(), x, weight, form);
        if (call.count() > 2 && !call.shape(2).equals(Shape.of(weight.extent(0)))) {
            throw new ShapeMismatchException(name() + ": bias must be [" + weight.extent(0) + "] for weight " + weight
                    + ", got " + call.shape(2));
        }
        Tensor y = call.empty(call.dtype(0), result(name(), x, weight, form));
        call.backend()
                .convolutions()
                .convolution(
                        y.view(),
                        call.input(0).contiguous().view(),
                        call.input(1).contiguous().view(),
                        call.count() > 2 ? call.input(2).contiguous().view() : null,
                        form);
        return y;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor[] gradients = new Tensor[call.count()];
        Shape x = call.shape(0);
        Shape weight = call.shape(1);
        if (call.needs(0)) {
            gradients[0] = Tensor.apply(new ConvTranspose2d(form, x.extent(2), x.extent(3)), dy, call.input(1));
        }
        if (call.needs(1)) {
            gradients[1] =
                    Tensor.apply(new Conv2dWeightGradient(form, weight.extent(2), weight.extent(3)), dy, call.input(0));
        }
        if (call.count() > 2 && call.needs(2)) {
            gradients[2] = dy.sum(0, 2, 3);
        }
        return gradients;
    }

    static void requireOneFloating(String operation, Call call) {
        for (int i = 0; i < call.count(); i++) {
            if (call.dtype(i) != call.dtype(0) || !call.dtype(0).isFloating()) {
                throw new DTypeMismatchException(
                        operation + ": needs one floating dtype, got " + call.dtype(0) + " and " + call.dtype(i));
            }
        }
    }

    static void requireChannels(String operation, Shape x, Shape weight, Form form) {
        boolean fits = x.rank() == 4 && weight.rank() == 4;
        if (!fits || x.extent(1) != form.groups() * weight.extent(1) || weight.extent(0) % form.groups() != 0) {
            throw new ShapeMismatchException(operation + ": needs x [b, g·c, h, w] and weight [o, c, kh, kw] with o a"
                    + " multiple of g = " + form.groups() + ", got " + x + " and " + weight);
        }
    }

    /// The shape of the result, which has a place at least.
    static Shape result(String operation, Shape x, Shape weight, Form form) {
        long rows = form.rows(x.extent(2), weight.extent(2));
        long columns = form.columns(x.extent(3), weight.extent(3));
        if (rows < 1 || columns < 1 || weight.extent(2) < 1 || weight.extent(3) < 1) {
            throw new ShapeMismatchException(operation + ": the filter of weight " + weight + " does not fit into x "
                    + x + " in the form " + form);
        }
        return Shape.of(x.extent(0), weight.extent(0), rows, columns);
    }
}
