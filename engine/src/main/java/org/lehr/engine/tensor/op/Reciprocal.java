package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;
import org.lehr.kernels.pointwise.ReciprocalGrad;

/// `1/x`. `x [...] → [...]`
public record Reciprocal() implements Pointwise {

    public static Tensor reciprocal(Tensor x) {
        return Tensor.apply(new Reciprocal(), x);
    }

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Reciprocal.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor y = call.output();
        return Derivative.of(ReciprocalGrad.OP, y, dy, () -> dy.mul(y.square().neg()));
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
