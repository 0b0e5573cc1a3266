package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// What kind of number each element is, as bool. `x [...] → bool [...]`
public record Classify(PointwiseOp kernel) implements Pointwise {

    /// Whether it is NaN.
    public static Tensor isNan(Tensor x) {
        return Tensor.apply(new Classify(org.lehr.kernels.pointwise.IsNan.OP), x);
    }

    /// Whether it is neither NaN nor infinite.
    public static Tensor isFinite(Tensor x) {
        return Tensor.apply(new Classify(org.lehr.kernels.pointwise.IsFinite.OP), x);
    }

    /// Whether it is +∞ or −∞.
    public static Tensor isInfinite(Tensor x) {
        return Tensor.apply(new Classify(org.lehr.kernels.pointwise.IsInfinite.OP), x);
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
