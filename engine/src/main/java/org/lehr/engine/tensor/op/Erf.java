package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.ErfGrad;
import org.lehr.kernels.pointwise.PointwiseOp;

/// The error function `2/√π ∫₀ˣ e^(−t²) dt`. `x [...] → [...]`
public record Erf() implements Pointwise {

    public static Tensor erf(Tensor x) {
        return Tensor.apply(new Erf(), x);
    }

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Erf.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor x = call.input(0);
        return Derivative.of(
                ErfGrad.OP, x, dy, () -> dy.mul(x.square().neg().exp().mul(2 / Math.sqrt(Math.PI))));
    }
}
