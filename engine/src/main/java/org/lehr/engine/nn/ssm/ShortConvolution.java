package org.lehr.engine.nn.ssm;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CausalConv1d;
import org.lehr.engine.tensor.op.Compare;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.Pad;
import org.lehr.engine.tensor.op.Silu;
import org.lehr.kernels.DType;

/// A filter for each channel over the last few times, then `z·σ(z)`; with `weight [c, 1, k]` and `bias [c]`. Its
/// state is the last `k − 1` inputs, oldest first. `x [b, t, c] → [b, t, c]`
public final class ShortConvolution extends SequenceLayer<Tensor> {

    private final Parameter weight;
    private final Parameter bias;
    private final long channels;
    private final long taps;

    /// With PyTorch's default initial values.
    ///
    /// @param taps elements of a filter, 4 as a rule
    public ShortConvolution(long channels, long taps, RandomStream random) {
        if (channels < 1 || taps < 1) {
            throw new IllegalArgumentException(
                    "short convolution: sizes must be positive, got " + channels + " channels and filters of " + taps);
        }
        this.channels = channels;
        this.taps = taps;
        weight = parameter(
                "weight",
                Initializer.fanInUniform().make(DType.FLOAT32, Shape.of(channels, 1, taps), random.split("weight")));
        bias = parameter(
                "bias",
                Initializer.uniform(1 / Math.sqrt(taps)).make(DType.FLOAT32, Shape.of(channels), random.split("bias")));
    }

    @Override
    public Tensor start(long batch) {
        Tensor like = bias.value();
        return Tensor.full(0, like.device(), like.dtype(), batch, taps - 1, channels);
    }

    @Override
    public Step<Tensor> run(Tensor x, Tensor state) {
        Tensor seen = Concat.concat(1, state, x);
        long last = seen.extent(1);
        return new Step<>(convolved(x, state), seen.slice(1, last - (taps - 1), last));
    }

    @Override
    protected Tensor forward(Tensor x) {
        return convolved(x, null);
    }

    /// A tap for each distance, which counts where both times are of one sequence.
    @Override
    public Tensor packed(Tensor x, Tensor sequence) {
        requirePacked(x, sequence);
        long times = x.extent(1);
        Tensor sum = bias.value();
        // Ones where a time and the one `back` before it are of one sequence, for the times from `back` on.
        Tensor together = Tensor.full(1, x.device(), x.dtype(), x.extent(0), times);
        for (long back = 0; back < Math.min(taps, times); back++) {
            if (back > 0) {
                Tensor same = Compare.equal(sequence.slice(1, 1, times - back + 1), sequence.slice(1, 0, times - back));
                together = together.slice(1, 1, times - back + 1).mul(same.to(x.dtype()));
            }
            Tensor tap = weight.value().slice(2, taps - 1 - back, taps - back).reshape(channels);
            Tensor seen = x.slice(1, 0, times - back).mul(tap).mul(together.unsqueeze(2));
            sum = Pad.pad(seen, 1, back, 0, 0).add(sum);
        }
        return Silu.silu(times == 0 ? x : sum);
    }

    private Tensor convolved(Tensor x, Tensor state) {
        return CausalConv1d.causalConv1d(x, weight.value().reshape(channels, taps), bias.value(), state, true);
    }
}
