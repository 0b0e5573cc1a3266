package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// `x·factor`, one number for all. For integers the factor is cut to an integer. `x [...] → [...]`
public record MulScalar(double factor) implements Pointwise {

    @Override
    public PointwiseOp kernel() {
        return new org.lehr.kernels.pointwise.MulScalar(factor);
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {dy.mul(factor)};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
