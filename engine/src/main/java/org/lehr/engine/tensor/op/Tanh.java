package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;
import org.lehr.kernels.pointwise.TanhGrad;

/// The hyperbolic tangent. `x [...] → [...]`
public record Tanh() implements Pointwise {

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Tanh.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor y = call.output();
        return Derivative.of(TanhGrad.OP, y, dy, () -> dy.mul(y.square().neg().add(1)));
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
