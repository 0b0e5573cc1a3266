package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;
import org.lehr.kernels.pointwise.SquareGrad;

/// `x²`. `x [...] → [...]`
public record Square() implements Pointwise {

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Square.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor x = call.input(0);
        return Derivative.of(SquareGrad.OP, x, dy, () -> dy.mul(x.mul(2)));
    }
}
