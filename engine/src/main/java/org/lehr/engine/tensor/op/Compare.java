package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// A comparison of broadcast values, giving bool; it has no gradient. `x [...], y [...] → bool [...]`
public record Compare(PointwiseOp kernel) implements Pointwise {

    /// `x = y`; false where either is NaN.
    public static Tensor equal(Tensor x, Tensor y) {
        return Tensor.apply(new Compare(org.lehr.kernels.pointwise.Equal.OP), x, y);
    }

    /// `x ≠ y`; true where either is NaN.
    public static Tensor notEqual(Tensor x, Tensor y) {
        return Tensor.apply(new Compare(org.lehr.kernels.pointwise.NotEqual.OP), x, y);
    }

    /// `x < y`.
    public static Tensor less(Tensor x, Tensor y) {
        return Tensor.apply(new Compare(org.lehr.kernels.pointwise.Less.OP), x, y);
    }

    /// `x ≤ y`.
    public static Tensor lessOrEqual(Tensor x, Tensor y) {
        return Tensor.apply(new Compare(org.lehr.kernels.pointwise.LessEqual.OP), x, y);
    }

    /// `x > y`.
    public static Tensor greater(Tensor x, Tensor y) {
        return Tensor.apply(new Compare(org.lehr.kernels.pointwise.Greater.OP), x, y);
    }

    /// `x ≥ y`.
    public static Tensor greaterOrEqual(Tensor x, Tensor y) {
        return Tensor.apply(new Compare(org.lehr.kernels.pointwise.GreaterEqual.OP), x, y);
    }

    @Override
    public String name() {
        return kernel.name();
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[call.count()];
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
