package org.lehr.bench.parity;

import java.util.stream.Stream;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.tensor.op.LayerNorm;
import org.lehr.engine.tensor.op.LogSoftmax;
import org.lehr.engine.tensor.op.RmsNorm;
import org.lehr.engine.tensor.op.Softmax;

/// Normalisations, softmaxes and reductions beside libtorch's.
@NeedsPeer
class NormalizationParityTest {

    private static final double EPSILON = 1e-5;

    private final Parity parity = new Parity();

    @TestFactory
    Stream<DynamicTest> norms() {
        for (long[] shape : new long[][] {{7, 53}, {2, 3, 64}, {1, 13}, {0, 5}, {5, 11}, {3, 257}}) {
            layerNorm(shape);
            rmsNorm(shape);
        }
        // The gradient of a layer norm of one or two elements is what cancellation leaves, so it is not compared.
        rmsNorm(1, 1);
        rmsNorm(5, 1);
        return parity.tests();
    }

    private void layerNorm(long... shape) {
        long n = shape[shape.length - 1];
        parity.add(
                "layer_norm",
                shape[0] * n,
                x -> LayerNorm.layerNorm(x[0], x[1], x[2], EPSILON),
                x -> torch.layer_norm(
                        x[0], new long[] {n}, new TensorOptional(x[1]), new TensorOptional(x[2]), EPSILON, true),
                shape,
                new long[] {n},
                new long[] {n});
    }

    private void rmsNorm(long... shape) {
        long n = shape[shape.length - 1];
        parity.add(
                "rms_norm",
                shape[0] * n,
                x -> RmsNorm.rmsNorm(x[0], x[1], EPSILON),
                x -> torch.rms_norm(x[0], new long[] {n}, new TensorOptional(x[1]), new DoubleOptional(EPSILON)),
                shape,
                new long[] {n});
    }

    @TestFactory
    Stream<DynamicTest> softmaxes() {
        for (long[] shape : new long[][] {{7, 53}, {2, 3, 64}, {1}, {0, 5}, {5, 1}, {3, 1031}}) {
            for (int dimension : new int[] {0, shape.length - 1}) {
                parity.add(
                        "softmax over " + dimension,
                        shape[dimension],
                        x -> Softmax.softmax(x[0], dimension),
                        x -> x[0].softmax(dimension),
                        shape);
                parity.add(
                        "log_softmax over " + dimension,
                        shape[dimension],
                        x -> LogSoftmax.logSoftmax(x[0], dimension),
                        x -> x[0].log_softmax(dimension),
                        shape);
            }
        }
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> reductions() {
        for (long[] shape : new long[][] {{7, 53, 3}, {1, 1, 1}, {0, 5, 2}, {67, 2, 1031}}) {
            long size = shape[0] * shape[1] * shape[2];
            parity.add("sum", size, x -> x[0].sum(), x -> x[0].sum(), shape);
            parity.add("sum over 0", size, x -> x[0].sum(0), x -> x[0].sum(0), shape);
            parity.add("sum over -1", size, x -> x[0].sum(true, -1), x -> x[0].sum(new long[] {-1}, true, null), shape);
            parity.add(
                    "sum over 0, 2", size, x -> x[0].sum(0, 2), x -> x[0].sum(new long[] {0, 2}, false, null), shape);
            parity.add("mean", size, x -> x[0].mean(), x -> x[0].mean(), shape);
            parity.add("mean over 1", size, x -> x[0].mean(1), x -> x[0].mean(1), shape);
        }
        return parity.tests();
    }
}
