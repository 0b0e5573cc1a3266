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
        if (width < 1 || !(epsilon >= 0)) {
            throw new IllegalArgumentException(
                    "rms norm: needs a positive width and an epsilon of at least 0, got " + width + " and " + epsilon);
        }
        this.weight = parameter("weight", Tensor.full(1, Device.current(), DType.FLOAT32, width));
        this.epsilon = epsilon;
    }

    @Override
    protected Tensor forward(Tensor x) {
        return org.lehr.engine.tensor.op.RmsNorm.rmsNorm(x, weight.value(), epsilon);
    }
}
