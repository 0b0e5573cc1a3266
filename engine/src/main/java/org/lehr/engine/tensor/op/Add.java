package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// `x + y`, broadcast. `x [...], y [...] → [...]`
public record Add() implements Pointwise {

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Add.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {toInput(call, 0, () -> dy), toInput(call, 1, () -> dy)};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
