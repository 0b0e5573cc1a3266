package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// `−x`. `x [...] → [...]`
public record Neg() implements Pointwise {

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Neg.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {dy.neg()};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
