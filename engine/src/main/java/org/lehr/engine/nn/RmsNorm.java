package org.lehr.engine.nn;

import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Root-mean-square normalisation of the last dimension with `weight [n]`. `x [..., n] → [..., n]`
public final class RmsNorm extends Layer {

    private final Parameter weight;
    private final double epsilon;

    /// @param epsilon added to the mean square; 1e-6 is usual
    public RmsNorm(long width, double epsilon) {
        this.weight = parameter("weight", Tensor.full(1, Device.cpu(), DType.FLOAT32, width));
        this.epsilon = epsilon;
    }

    @Override
    protected Tensor forward(Tensor x) {
        return org.lehr.engine.tensor.op.RmsNorm.rmsNorm(x, weight.value(), epsilon);
    }
}
