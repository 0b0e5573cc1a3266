package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// The cosine. `x [...] → [...]`
public record Cos() implements Pointwise {

    public static Tensor cos(Tensor x) {
        return Tensor.apply(new Cos(), x);
    }

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Cos.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {dy.mul(Sin.sin(call.input(0)).neg())};
    }
}
