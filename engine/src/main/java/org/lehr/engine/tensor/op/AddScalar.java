package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// `x + addend`, one number for all. For integers the addend is cut to an integer. `x [...] → [...]`
public record AddScalar(double addend) implements Pointwise {

    @Override
    public PointwiseOp kernel() {
        return new org.lehr.kernels.pointwise.AddScalar(addend);
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {dy};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
