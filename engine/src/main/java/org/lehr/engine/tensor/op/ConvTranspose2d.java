package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.ConvolutionKernels.Form;

/// The transposed map of [Conv2d], from results to images: its gradient with respect to the image, and a
/// layer of its own for making larger images of smaller ones (Zeiler et al. 2010).
/// `y [b, o, rows, columns], weight [o, c, kh, kw] → [b, g·c, h, w]`
///
/// @param h rows of the image; several give the same `rows` where the stride is above 1
/// @param w columns of the image
public record ConvTranspose2d(Form form, long h, long w) implements Op {

    /// The smallest image whose convolution in this form has the shape of `y`, plus some rows and columns,
    /// fewer than the stride; `bias [g·c]` may be null.
    public static Tensor convTranspose2d(
            Tensor y, Tensor weight, Tensor bias, Form form, long moreRows, long moreColumns) {
        if (y.rank() != 4 || weight.rank() != 4) {
            throw new ShapeMismatchException(
                    "conv_transpose2d: needs y [b, o, rows, columns] and weight [o, c, kh, kw]," + " got " + y.shape()
                            + " and " + weight.shape());
        }
        if (moreRows < 0 || moreRows >= form.strideY() || moreColumns < 0 || moreColumns >= form.strideX()) {
            throw new IllegalArgumentException("conv_transpose2d: additional rows and columns must be from 0 to less"
                    + " than the stride, got " + moreRows + " and " + moreColumns + " for " + form);
        }
        long h = (y.extent(2) - 1) * form.strideY()
                + (weight.extent(2) - 1) * form.dilationY()
                + (1 - 2 * form.paddingY() + moreRows);
        long w = (y.extent(3) - 1) * form.strideX()
                + (weight.extent(3) - 1) * form.dilationX()
                + (1 - 2 * form.paddingX() + moreColumns);
        if (h < 1 || w < 1) {
            throw new ShapeMismatchException("conv_transpose2d: nothing is left of y " + y.shape() + " with weight "
                    + weight.shape() + " in the form " + form);
        }
        Tensor x = Tensor.apply(new ConvTranspose2d(form, h, w), y, weight);
        return bias == null ? x : x.add(bias.reshape(bias.size(), 1, 1));
    }

    @Override
    public Tensor forward(Call call) {
        Conv2d.requireOneFloating(name(), call);
        Shape y = call.shape(0);
        Shape weight = call.shape(1);
        Shape x = image(y, weight);
        Tensor dx = call.empty(call.dtype(0), x);
        call.backend()
                .convolutions()
                .inputGradient(
                        dx.view(),
                        call.input(0).contiguous().view(),
                        call.input(1).contiguous().view(),
                        form);
        return dx;
    }

    private Shape image(Shape y, Shape weight) {
        if (y.rank() != 4 || weight.rank() != 4) {
            throw new ShapeMismatchException(
                    name() + ": needs y [b, o, rows, columns] and weight [o, c, kh, kw], got " + y + " and " + weight);
        }
        Shape x = Shape.of(y.extent(0), form.groups() * weight.extent(1), h, w);
        Conv2d.requireChannels(name(), x, weight, form);
        if (!Conv2d.result(name(), x, weight, form).equals(y)) {
            throw new ShapeMismatchException(name() + ": no convolution of an image " + x + " with weight " + weight
                    + " in the form " + form + " gives " + y);
        }
        return x;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dx) {
        Shape weight = call.shape(1);
        return new Tensor[] {
            call.needs(0) ? Tensor.apply(new Conv2d(form), dx, call.input(1)) : null,
            call.needs(1)
                    ? Tensor.apply(
                            new Conv2dWeightGradient(form, weight.extent(2), weight.extent(3)), call.input(0), dx)
                    : null
        };
    }
}
