package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// `eˣ − 1`, exact for small `x`. `x [...] → [...]`
public record Expm1() implements Pointwise {

    public static Tensor expm1(Tensor x) {
        return Tensor.apply(new Expm1(), x);
    }

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Expm1.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {dy.mul(call.output().add(1))};
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
