package org.lehr.engine.nn;

import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Layer normalisation of the last dimension with `weight [n]` and `bias [n]`. `x [..., n] → [..., n]`
public final class LayerNorm extends Layer {

    private final Parameter weight;
    private final Parameter bias;
    private final double epsilon;

    /// @param bias whether a bias is added
    /// @param epsilon added to the variance; 1e-5 is usual
    public LayerNorm(long width, boolean bias, double epsilon) {
        if (width < 1 || !(epsilon >= 0)) {
            throw new IllegalArgumentException("layer norm: needs a positive width and an epsilon of at least 0, got "
                    + width + " and " + epsilon);
        }
        this.weight = parameter("weight", Tensor.full(1, Device.current(), DType.FLOAT32, width));
        this.bias = bias ? parameter("bias", Tensor.full(0, Device.current(), DType.FLOAT32, width)) : null;
        this.epsilon = epsilon;
    }

    @Override
    protected Tensor forward(Tensor x) {
        return org.lehr.engine.tensor.op.LayerNorm.layerNorm(
                x, weight.value(), bias == null ? null : bias.value(), epsilon);
    }
}
