package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// `max(x, y)`, broadcast; NaN where either is. Where both are equal, each gets half of the gradient.
/// `x [...], y [...] → [...]`
public record Maximum() implements Pointwise {

    public static Tensor maximum(Tensor x, Tensor y) {
        return Tensor.apply(new Maximum(), x, y);
    }

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Maximum.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor x = call.input(0);
        Tensor y = call.input(1);
        return new Tensor[] {toInput(call, 0, () -> dy.mul(share(x, y))), toInput(call, 1, () -> dy.mul(share(y, x)))};
    }

    /// 1 where the result is `x`, ½ where it is both.
    private static Tensor share(Tensor x, Tensor y) {
        Tensor half = Compare.equal(x, y).to(x.dtype()).mul(0.5);
        return Compare.greater(x, y).to(x.dtype()).add(half);
    }
}
