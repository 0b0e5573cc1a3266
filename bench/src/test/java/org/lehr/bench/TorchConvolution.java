package org.lehr.bench;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/// How causal convolutions are written with libtorch.
public final class TorchConvolution {

    private TorchConvolution() {}

    /// `silu` of a causal depthwise convolution along time: `x [b, t, channels], weight [channels, taps], bias
    /// [channels] → [b, t, channels]`. libtorch has channels before times, and pads at both ends.
    public static Tensor causalSilu(Tensor x, Tensor weight, Tensor bias) {
        return torch.silu(torch.conv1d(
                        x.transpose(1, 2),
                        weight.unsqueeze(1),
                        new TensorOptional(bias),
                        new long[] {1},
                        new long[] {weight.size(1) - 1},
                        new long[] {1},
                        x.size(2))
                .narrow(2, 0, x.size(1))
                .transpose(1, 2));
    }
}
