package org.lehr.bench.rows;

import java.util.stream.Stream;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.lehr.bench.Cost;
import org.lehr.bench.Operation;
import org.lehr.bench.Row;
import org.lehr.bench.Rows;
import org.lehr.bench.TorchConvolution;
import org.lehr.engine.tensor.op.CausalConv1d;
import org.lehr.engine.tensor.op.Conv2d;

/// Convolutions, forward and backward.
public final class ConvolutionRows implements Rows {

    private static final long TAPS = 4;

    @Override
    public Stream<Row> rows() {
        return Stream.of(images(32, 32, 32, 64), causal(8, 1024, 768));
    }

    /// 3x3 with padding of 1: three products of the size of the forward one.
    private static Row images(long batch, long channels, long edge, long filters) {
        return Operation.both(
                        "conv2d/3x3/" + batch + "x" + channels + "x" + edge + "x" + edge + "/" + filters,
                        Cost.operations(3 * 2.0 * batch * edge * edge * 9 * channels * filters),
                        x -> Conv2d.conv2d(x[0], x[1], x[2], 1, 1),
                        x -> torch.conv2d(
                                x[0],
                                x[1],
                                new TensorOptional(x[2]),
                                new long[] {1, 1},
                                new long[] {1, 1},
                                new long[] {1, 1},
                                1),
                        new long[] {batch, channels, edge, edge},
                        new long[] {filters, channels, 3, 3},
                        new long[] {filters})
                .withSum(batch * edge * edge);
    }

    /// Depthwise along time, `[b, t, channels]`, with SiLU, as state-space models have it.
    private static Row causal(long batch, long times, long channels) {
        return Operation.both(
                        "causal-conv1d/" + batch + "x" + times + "x" + channels,
                        Cost.floats(5.0 * batch * times * channels),
                        x -> CausalConv1d.causalConv1d(x[0], x[1], x[2], null, true),
                        x -> TorchConvolution.causalSilu(x[0], x[1], x[2]),
                        new long[] {batch, times, channels},
                        new long[] {channels, TAPS},
                        new long[] {channels})
                .withSum(batch * times);
    }
}
