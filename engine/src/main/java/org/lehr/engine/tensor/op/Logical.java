package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// Operations on bool, broadcast. `x bool [...], y bool [...] → bool [...]`
public record Logical(PointwiseOp kernel) implements Pointwise {

    /// Whether both are true.
    public static Tensor and(Tensor x, Tensor y) {
        return Tensor.apply(new Logical(org.lehr.kernels.pointwise.LogicalAnd.OP), x, y);
    }

    /// Whether either is true.
    public static Tensor or(Tensor x, Tensor y) {
        return Tensor.apply(new Logical(org.lehr.kernels.pointwise.LogicalOr.OP), x, y);
    }

    /// Whether exactly one is true.
    public static Tensor xor(Tensor x, Tensor y) {
        return Tensor.apply(new Logical(org.lehr.kernels.pointwise.LogicalXor.OP), x, y);
    }

    /// Whether it is false.
    public static Tensor not(Tensor x) {
        return Tensor.apply(new Logical(org.lehr.kernels.pointwise.LogicalNot.OP), x);
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
