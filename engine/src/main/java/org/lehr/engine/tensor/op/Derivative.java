package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.NotDifferentiableException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// A fused derivative kernel, `(x, dy) → dx`. It is used only where no graph of the gradient is wanted: the operation
/// whose derivative it is has a composed definition for that case. `x [...], dy [...] → [...]`
record Derivative(PointwiseOp kernel) implements Pointwise {

    @Override
    public String name() {
        return kernel.name();
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        throw new NotDifferentiableException(name() + ": a derivative kernel was recorded");
    }
}
