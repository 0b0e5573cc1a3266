package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;
import org.lehr.kernels.pointwise.SqrtGrad;

/// `√x`. `x [...] → [...]`
public record Sqrt() implements Pointwise {

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Sqrt.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor y = call.output();
        return Derivative.of(SqrtGrad.OP, y, dy, () -> dy.div(y.mul(2)));
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
