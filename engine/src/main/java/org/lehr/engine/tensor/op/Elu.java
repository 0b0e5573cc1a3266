package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.EluGrad;
import org.lehr.kernels.pointwise.PointwiseOp;

/// `x` for `x > 0`, else `alpha·(eˣ − 1)` (Clevert, Unterthiner, Hochreiter 2015). `x [...] → [...]`
///
/// @param alpha minus the limit at −∞
public record Elu(double alpha) implements Pointwise {

    public static Tensor elu(Tensor x, double alpha) {
        return Tensor.apply(new Elu(alpha), x);
    }

    @Override
    public PointwiseOp kernel() {
        return new org.lehr.kernels.pointwise.Elu(alpha);
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor x = call.input(0);
        return Derivative.of(new EluGrad(alpha), x, dy, () -> {
            Tensor positive = Compare.greater(x, x.scalarLike(0)).to(x.dtype());
            Tensor below = Minimum.minimum(x, x.scalarLike(0)).exp().mul(alpha);
            return dy.mul(Where.where(Compare.greater(x, x.scalarLike(0)), positive, below));
        });
    }
}
