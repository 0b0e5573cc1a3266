package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;
import org.lehr.kernels.pointwise.RsqrtGrad;

/// `1/√x`. `x [...] → [...]`
public record Rsqrt() implements Pointwise {

    public static Tensor rsqrt(Tensor x) {
        return Tensor.apply(new Rsqrt(), x);
    }

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Rsqrt.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor y = call.output();
        return Derivative.of(RsqrtGrad.OP, y, dy, () -> dy.mul(y.square().mul(y).mul(-0.5)));
    }

    @Override
    public boolean readsInputs() {
        return false;
    }

    @Override
    public boolean readsOutput() {
        return true;
    }
}
