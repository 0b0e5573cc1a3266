package org.lehr.bench.parity;

import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.nn.Functional;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.norm.BatchNorm;
import org.lehr.engine.nn.norm.GroupNorm;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Pool2d;

/// Pooling, and normalisations over batches and groups, beside libtorch's.
@NeedsPeer
class ImageLayersParityTest {

    private static final double EPSILON = 1e-3;

    private final Parity parity = new Parity();

    @TestFactory
    Stream<DynamicTest> pooling() {
        for (long[] form : new long[][] {{2, 2, 0}, {3, 2, 1}, {3, 1, 0}}) {
            Pool2d.Window window = Pool2d.Window.of(form[0], form[1], form[2]);
            long[] size = {form[0], form[0]};
            long[] stride = {form[1], form[1]};
            long[] padding = {form[2], form[2]};
            long[] shape = {3, 5, 13, 12};
            parity.add(
                    "max_pool2d " + window,
                    9,
                    x -> Pool2d.max(x[0], window),
                    x -> torch.max_pool2d(x[0], size, stride, padding, new long[] {1, 1}, false),
                    shape);
            for (boolean counted : new boolean[] {true, false}) {
                parity.add(
                        "avg_pool2d " + window + (counted ? "" : " without padding"),
                        9,
                        x -> Pool2d.mean(x[0], window, counted),
                        x -> torch.avg_pool2d(x[0], size, stride, padding, false, counted, new LongOptional()),
                        shape);
            }
        }
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> norms() {
        long[] shape = {7, 6, 5, 3};
        long[] channels = {6};
        parity.add(
                "batch_norm",
                105,
                x -> with(new BatchNorm(6, new BatchNorm.Form(EPSILON, 0.1, 0)), x),
                x -> torch.batch_norm(
                        x[0],
                        new TensorOptional(x[1]),
                        new TensorOptional(x[2]),
                        new TensorOptional(),
                        new TensorOptional(),
                        true,
                        0.1,
                        EPSILON,
                        false),
                shape,
                channels,
                channels);
        for (long groups : new long[] {1, 3, 6}) {
            parity.add(
                    "group_norm of " + groups,
                    105,
                    x -> with(new GroupNorm(groups, 6, EPSILON), x),
                    x -> torch.group_norm(
                            x[0], groups, new TensorOptional(x[1]), new TensorOptional(x[2]), EPSILON, false),
                    shape,
                    channels,
                    channels);
        }
        return parity.tests();
    }

    /// The layer on `x[0]`, with `x[1]` and `x[2]` as weight and bias.
    private static Tensor with(Layer layer, Tensor... x) {
        layer.convert(x[0].dtype());
        Map<String, Tensor> own = Map.of("weight", x[1], "bias", x[2]);
        return Functional.call(layer, own, () -> layer.apply(x[0]));
    }
}
