package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// `x / y`, broadcast. `x [...], y [...] → [...]`
public record Div() implements Pointwise {

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Div.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor x = call.input(0);
        Tensor y = call.input(1);
        return new Tensor[] {
            toInput(call, 0, () -> dy.div(y)), toInput(call, 1, () -> dy.mul(x).div(y.square()).neg())
        };
    }


}
