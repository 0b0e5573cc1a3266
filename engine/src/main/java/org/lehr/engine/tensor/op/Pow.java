package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// `xᵖ`, broadcast; `0⁰ = 1`, and a negative `x` with a fractional `p` gives NaN. The gradient of the exponent is 0
/// where
/// `x` is 0. `x [...], p [...] → [...]`
public record Pow() implements Pointwise {

    public static Tensor pow(Tensor x, Tensor p) {
        return Tensor.apply(new Pow(), x, p);
    }

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Pow.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor x = call.input(0);
        Tensor p = call.input(1);
        return new Tensor[] {
            toInput(call, 0, () -> {
                // An exponent of 0 would give 0·∞ at x = 0.
                Tensor none = Compare.equal(p, p.scalarLike(0));
                Tensor power = Where.where(none, p.scalarLike(0), p.sub(1));
                return dy.mul(p).mul(pow(x, power));
            }),
            toInput(call, 1, () -> {
                Tensor zero = Compare.equal(x, x.scalarLike(0));
                Tensor log = Where.where(zero, x.scalarLike(1), x).log();
                return dy.mul(pow(x, p)).mul(log);
            })
        };
    }
}
