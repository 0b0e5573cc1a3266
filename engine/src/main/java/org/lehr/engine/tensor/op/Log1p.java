package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// `log(1 + x)`, exact for small `x`. `x [...] → [...]`
public record Log1p() implements Pointwise {

    public static Tensor log1p(Tensor x) {
        return Tensor.apply(new Log1p(), x);
    }

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Log1p.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {dy.div(call.input(0).add(1))};
    }
}
