package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.LeakyReluGrad;
import org.lehr.kernels.pointwise.PointwiseOp;

/// `x` for `x > 0`, else `slope·x` (Maas, Hannun, Ng 2013), with gradient `slope` at 0. `x [...] → [...]`
///
/// @param slope factor of negative values
public record LeakyRelu(double slope) implements Pointwise {

    public static Tensor leakyRelu(Tensor x, double slope) {
        return Tensor.apply(new LeakyRelu(slope), x);
    }

    @Override
    public PointwiseOp kernel() {
        return new org.lehr.kernels.pointwise.LeakyRelu(slope);
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor x = call.input(0);
        return Derivative.of(new LeakyReluGrad(slope), x, dy, () -> {
            Tensor positive = Compare.greater(x, x.scalarLike(0)).to(x.dtype());
            return dy.mul(positive.mul(1 - slope).add(slope));
        });
    }
}
