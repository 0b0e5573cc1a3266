package org.lehr.engine.papers;

import java.util.function.Supplier;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// Steps along the gradient of one and the same loss, without the noise of batches.
///
/// @param loss computed from the present values at every call, a scalar
/// @param optimizer of the parameters that it depends on
public record Descent(Supplier<Tensor> loss, Optimizer optimizer) {

    /// Takes one step.
    ///
    /// @return the loss before it; where that is not finite, no step was taken
    public double step() {
        try (var _ = Scope.open()) {
            optimizer.clearGradients();
            Tensor now = loss.get();
            double value = now.item();
            if (Double.isFinite(value)) {
                now.backward();
                optimizer.step();
            }
            return value;
        }
    }
}
