package org.lehr.engine.nn.ssm;

import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.RmsNorm;
import org.lehr.engine.tensor.op.Silu;
import org.lehr.kernels.DType;

/// A root mean square norm with a gate, as Mamba-2 ends with (Dao, Gu 2024): `norm(y·z·σ(z))·weight`, or with the norm
/// first `norm(y)·weight·z·σ(z)`, where each group of neighbouring channels has a norm of its own. `weight [width]` is
/// ones at first, and `ε` is `1e-5`.
public final class GatedRmsNorm extends Module {

    private static final double EPSILON = 1e-5;

    private final Parameter weight;
    private final long width;
    private final long groups;
    private final boolean normFirst;

    /// @param groups how many norms there are, a divisor of `width`
    /// @param normFirst whether the gate comes after the norm
    public GatedRmsNorm(long width, long groups, boolean normFirst) {
        if (width < 1 || groups < 1 || width % groups != 0) {
            throw new IllegalArgumentException(
                    "gated rms norm: needs groups that divide the width, got " + groups + " of " + width);
        }
        this.width = width;
        this.groups = groups;
        this.normFirst = normFirst;
        weight = parameter("weight", Tensor.full(1, Device.current(), DType.FLOAT32, width));
    }

    /// `y, z [..., width] → [..., width]`
    public Tensor apply(Tensor y, Tensor z) {
        Tensor gate = Silu.silu(z);
        return normFirst ? norm(y).mul(gate) : norm(y.mul(gate));
    }

    private Tensor norm(Tensor y) {
        if (groups == 1) {
            return RmsNorm.rmsNorm(y, weight.value(), EPSILON);
        }
        Tensor parts = y.reshape(y.size() / width, groups, width / groups);
        Tensor ones = Tensor.full(1, y.device(), y.dtype(), width / groups);
        return RmsNorm.rmsNorm(parts, ones, EPSILON)
                .reshape(y.shape().toArray())
                .mul(weight.value());
    }
}
