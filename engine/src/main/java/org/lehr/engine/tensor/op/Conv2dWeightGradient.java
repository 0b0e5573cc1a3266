package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.ConvolutionKernels.Form;

/// The gradient of [Conv2d] with respect to its filters, linear in both of its inputs.
/// `dy [b, o, rows, columns], x [b, g·c, h, w] → [o, c, kh, kw]`
record Conv2dWeightGradient(Form form, long kh, long kw) implements Op {

    @Override
    public Tensor forward(Call call) {
        Shape dy = call.shape(0);
        Shape x = call.shape(1);
        Shape weight = Shape.of(dy.extent(1), x.extent(1) / form.groups(), kh, kw);
        if (!Conv2d.result(name(), x, weight, form).equals(dy)) {
            throw new ShapeMismatchException(name() + ": a convolution of x " + x + " with weight " + weight
                    + " in the form " + form + " does not give " + dy);
        }
        Tensor dWeight = call.empty(call.dtype(0), weight);
        call.backend()
                .convolutions()
                .weightGradient(
                        dWeight.view(),
                        call.input(0).contiguous().view(),
                        call.input(1).contiguous().view(),
                        form);
        return dWeight;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dWeight) {
        Shape x = call.shape(1);
        return new Tensor[] {
            call.needs(0) ? Tensor.apply(new Conv2d(form), call.input(1), dWeight) : null,
            call.needs(1)
                    ? Tensor.apply(new ConvTranspose2d(form, x.extent(2), x.extent(3)), call.input(0), dWeight)
                    : null
        };
    }
}
