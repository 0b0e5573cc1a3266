package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.FusedOp;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;
import org.lehr.kernels.pointwise.SiluGrad;

/// `x · σ(x)` (Elfwing, Uchibe, Doya 2018). `x [...] → [...]`
public record Silu() implements Pointwise, FusedOp {

    public static Tensor silu(Tensor x) {
        return Tensor.apply(new Silu(), x);
    }

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Silu.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {Tensor.apply(new Derivative(SiluGrad.OP), call.input(0), dy)};
    }

    @Override
    public Tensor composed(Tensor... inputs) {
        return inputs[0].mul(inputs[0].sigmoid());
    }
}
