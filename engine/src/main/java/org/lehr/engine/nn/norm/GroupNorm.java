package org.lehr.engine.nn.norm;

import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Rsqrt;
import org.lehr.kernels.DType;

/// Normalisation of each group of neighbouring channels of each image by its own statistics (Wu, He 2018), with
/// `weight [c]` and `bias [c]`. `x [b, c, ...] → [b, c, ...]`
public final class GroupNorm extends Layer {

    private final Channels channels;
    private final long groups;
    private final double epsilon;
    private final Parameter weight;
    private final Parameter bias;

    /// @param groups equal parts of the channels
    /// @param epsilon added to the variance; 1e-5 is usual
    public GroupNorm(long groups, long channels, double epsilon) {
        this.channels = new Channels("group norm", channels);
        if (groups < 1 || channels % groups != 0 || !(epsilon >= 0)) {
            throw new IllegalArgumentException("group norm: needs channels that are a multiple of the groups and an"
                    + " epsilon of at least 0, got " + channels + " channels, " + groups + " groups, epsilon "
                    + epsilon);
        }
        this.groups = groups;
        this.epsilon = epsilon;
        weight = parameter("weight", Tensor.full(1, Device.current(), DType.FLOAT32, channels));
        bias = parameter("bias", Tensor.full(0, Device.current(), DType.FLOAT32, channels));
    }

    /// Instance normalisation (Ulyanov, Vedaldi, Lempitsky 2016): a group for each channel.
    public static GroupNorm instance(long channels, double epsilon) {
        return new GroupNorm(channels, channels, epsilon);
    }

    @Override
    protected Tensor forward(Tensor x) {
        channels.check(x);
        long size = x.size() == 0 ? 0 : x.size() / (x.extent(0) * groups);
        Tensor parts = x.reshape(x.extent(0), groups, size);
        Tensor centred = parts.sub(parts.mean(true, 2));
        Tensor scale = Rsqrt.rsqrt(centred.square().mean(true, 2).add(epsilon));
        Tensor normal = centred.mul(scale).reshape(x.shape().toArray());
        return normal.mul(Channels.along(weight.value(), x)).add(Channels.along(bias.value(), x));
    }
}
