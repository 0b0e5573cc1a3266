package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.AbsGrad;
import org.lehr.kernels.pointwise.PointwiseOp;

/// `|x|`, with gradient 0 at 0. `x [...] → [...]`
public record Abs() implements Pointwise {

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Abs.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor x = call.input(0);
        return Derivative.of(AbsGrad.OP, x, dy, () -> dy.mul(PiecewiseConstant.sign(x)));
    }
}
