package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// `condition ? x : y`, broadcast. `condition bool [...], x [...], y [...] → [...]`
public record Where() implements Pointwise {

    /// Takes from `x` where `condition` is true and from `y` elsewhere.
    public static Tensor where(Tensor condition, Tensor x, Tensor y) {
        return Tensor.apply(new Where(), condition, x, y);
    }

    @Override
    public PointwiseOp kernel() {
        return org.lehr.kernels.pointwise.Where.OP;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        Tensor condition = call.input(0);
        Tensor zero = dy.scalarLike(0);
        return new Tensor[] {
            null, toInput(call, 1, () -> where(condition, dy, zero)), toInput(call, 2, () -> where(condition, zero, dy))
        };
    }
}
