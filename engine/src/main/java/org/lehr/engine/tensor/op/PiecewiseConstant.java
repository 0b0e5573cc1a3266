package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// Functions that are constant between jumps; their gradient is zero. `x [...] → [...]`
public record PiecewiseConstant(PointwiseOp kernel) implements Pointwise {

    /// The greatest integer not above `x`.
    public static Tensor floor(Tensor x) {
        return Tensor.apply(new PiecewiseConstant(org.lehr.kernels.pointwise.Floor.OP), x);
    }

    /// The least integer not below `x`.
    public static Tensor ceil(Tensor x) {
        return Tensor.apply(new PiecewiseConstant(org.lehr.kernels.pointwise.Ceil.OP), x);
    }

    /// The nearest integer, ties to even.
    public static Tensor round(Tensor x) {
        return Tensor.apply(new PiecewiseConstant(org.lehr.kernels.pointwise.Round.OP), x);
    }

    /// −1, 0 or 1; NaN stays.
    public static Tensor sign(Tensor x) {
        return Tensor.apply(new PiecewiseConstant(org.lehr.kernels.pointwise.Sign.OP), x);
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
