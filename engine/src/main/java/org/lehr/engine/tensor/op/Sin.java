package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// The sine. `x [...] → [...]`
public record Sin() implements Pointwise {

    public static Tensor sin(Tensor x) {
        return Tensor.apply(new Sin(), x);
    }

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Sin.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {dy.mul(Cos.cos(call.input(0)))};
    }
}
