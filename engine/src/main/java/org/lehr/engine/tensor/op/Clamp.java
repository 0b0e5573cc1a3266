package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.ClampGrad;
import org.lehr.kernels.pointwise.PointwiseOp;

/// `x`, but at least `low` and at most `high`; NaN stays. The gradient passes where `low ≤ x ≤ high`. `x [...] → [...]`
///
/// @param low the least result; −∞ for none
/// @param high the greatest result, at least `low`; +∞ for none
public record Clamp(double low, double high) implements Pointwise {

    public Clamp {
        if (!(low <= high)) {
            throw new IllegalArgumentException("clamp: low must not exceed high, got " + low + " and " + high);
        }
    }

    public static Tensor clamp(Tensor x, double low, double high) {
        return Tensor.apply(new Clamp(low, high), x);
    }

    @Override
    public PointwiseOp kernel() {
        return new org.lehr.kernels.pointwise.Clamp(low, high);
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor x = call.input(0);
        return Derivative.of(new ClampGrad(low, high), x, dy, () -> {
            Tensor inside = Logical.and(
                    Compare.greaterOrEqual(x, x.scalarLike(low)), Compare.lessOrEqual(x, x.scalarLike(high)));
            return dy.mul(inside.to(x.dtype()));
        });
    }
}
