package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;
import org.lehr.kernels.pointwise.SigmoidGrad;

/// `1/(1 + e⁻ˣ)`. `x [...] → [...]`
public record Sigmoid() implements Pointwise {

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Sigmoid.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor y = call.output();
        return Derivative.of(SigmoidGrad.OP, y, dy, () -> dy.mul(y).mul(y.neg().add(1)));
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
