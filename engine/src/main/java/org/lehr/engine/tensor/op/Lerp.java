package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// `x + weight·(y − x)`, broadcast: from `x` to `y`. `x [...], y [...], weight [...] → [...]`
public record Lerp() implements Pointwise {

    public static Tensor lerp(Tensor x, Tensor y, Tensor weight) {
        return Tensor.apply(new Lerp(), x, y, weight);
    }

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Lerp.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor weight = call.input(2);
        return new Tensor[] {
            toInput(call, 0, () -> dy.mul(weight.neg().add(1))),
            toInput(call, 1, () -> dy.mul(weight)),
            toInput(call, 2, () -> dy.mul(call.input(1).sub(call.input(0))))
        };
    }
}
