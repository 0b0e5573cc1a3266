package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;
import org.lehr.kernels.pointwise.SoftplusGrad;

/// `log(1 + eˣ)`. `x [...] → [...]`
public record Softplus() implements Pointwise {

    public static Tensor softplus(Tensor x) {
        return Tensor.apply(new Softplus(), x);
    }

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Softplus.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor x = call.input(0);
        return Derivative.of(SoftplusGrad.OP, x, dy, () -> dy.mul(x.sigmoid()));
    }
}
