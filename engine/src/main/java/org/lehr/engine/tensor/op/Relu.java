package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;
import org.lehr.kernels.pointwise.ReluGrad;

/// `max(x, 0)`, with gradient 0 at 0. `x [...] → [...]`
public record Relu() implements Pointwise {

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Relu.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor x = call.input(0);
        return Derivative.of(
                ReluGrad.OP, x, dy, () -> Where.where(Compare.greater(x, x.scalarLike(0)), dy, dy.scalarLike(0)));
    }
}
