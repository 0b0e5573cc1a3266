package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.MatmulKernels.Epilogue;

/// `x·Wᵀ + b`: the product with a weight stored as rows of outputs, the bias added as it is written.
/// `x [..., k], weight [n, k], bias [n] → [..., n]`
public record Linear() implements Op {

    /// Applies the map; `bias` may be null.
    public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
        if (x.rank() == 0 || weight.rank() != 2 || x.extent(-1) != weight.extent(1)) {
            throw new ShapeMismatchException("linear: x must be [..., k] for a weight [n, k], got x " + x.shape()
                    + " and weight " + weight.shape());
        }
        if (bias != null && !bias.shape().equals(Shape.of(weight.extent(0)))) {
            throw new ShapeMismatchException("linear: bias must be [" + weight.extent(0) + "], got " + bias.shape());
        }
        Shape outer = x.shape().slice(0, x.rank() - 1);
        Tensor rows = x.rank() == 2 ? x : x.reshape(outer.size(), x.extent(-1));
        Tensor y = bias == null
                ? Tensor.apply(new Linear(), rows, weight)
                : Tensor.apply(new Linear(), rows, weight, bias);
        return x.rank() == 2
                ? y
                : y.reshape(outer.then(Shape.of(weight.extent(0))).toArray());
    }

    @Override
    public Tensor forward(Call call) {
        for (int i = 1; i < call.count(); i++) {
            if (call.dtype(i) != call.dtype(0) || !call.dtype(0).isFloating()) {
                throw new DTypeMismatchException(
                        "linear: needs one floating dtype, got " + call.dtype(0) + " and " + call.dtype(i));
            }
        }
        Tensor out = call.empty(
                call.dtype(0), Shape.of(call.shape(0).extent(0), call.shape(1).extent(0)));
        Epilogue epilogue =
                call.count() == 3 ? Epilogue.bias(call.input(2).contiguous().view()) : Epilogue.NONE;
        Tensor columns = call.input(1).transpose(0, 1);
        call.backend().matmuls().matmul(out.view(), call.input(0).view(), columns.view(), false, epilogue);
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor[] gradients = new Tensor[call.count()];
        if (call.needs(0)) {
            gradients[0] = dy.matmul(call.input(1));
        }
        if (call.needs(1)) {
            gradients[1] = dy.transpose(0, 1).matmul(call.input(0));
        }
        if (call.count() == 3 && call.needs(2)) {
            gradients[2] = dy.sum(0);
        }
        return gradients;
    }
}
