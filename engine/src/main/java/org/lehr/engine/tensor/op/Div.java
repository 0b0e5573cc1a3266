package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// `x / y`, broadcast. `x [...], y [...] → [...]`
public record Div() implements Pointwise {

    /// `x` by one number; by a power of two as a product with its inverse, which is exact.
    public static Tensor byNumber(Tensor x, double divisor) {
        int exponent = Math.getExponent(divisor);
        boolean exact =
                x.dtype().isFloating() && Math.abs(exponent) < 100 && Math.abs(divisor) == Math.scalb(1, exponent);
        return exact ? x.mul(1 / divisor) : Tensor.apply(new Div(), x, x.scalarLike(divisor));
    }

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Div.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor x = call.input(0);
        Tensor y = call.input(1);
        return new Tensor[] {
            toInput(call, 0, () -> dy.div(y)),
            toInput(call, 1, () -> dy.mul(x).div(y.square()).neg())
        };
    }
}
