package org.lehr.engine.tensor.op;

import java.util.function.Supplier;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.NotDifferentiableException;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.pointwise.PointwiseOp;

/// A fused derivative kernel, `(x, dy) → dx`. It is used only where no graph of the gradient is wanted: the operation
/// whose derivative it is says the same in recorded operations for that case. `x [...], dy [...] → [...]`
record Derivative(PointwiseOp kernel) implements Pointwise {

    /// The gradient by `kernel`, or by `recorded` where a graph of it is wanted.
    static Tensor[] of(PointwiseOp kernel, Tensor x, Tensor dy, Supplier<Tensor> recorded) {
        return new Tensor[] {Recording.isOn() ? recorded.get() : Tensor.apply(new Derivative(kernel), x, dy)};
    }

    @Override
    public String name() {
        return kernel.name();
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        throw new NotDifferentiableException(name() + ": a derivative kernel was recorded");
    }
}
