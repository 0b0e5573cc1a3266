package org.lehr.bench.parity;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lehr.bench.TorchBridge;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.engine.tensor.op.Embedding;
import org.lehr.engine.tensor.op.Gather;
import org.lehr.engine.tensor.op.ScatterAdd;
import org.lehr.kernels.DType;

/// Operations with indices, and the cross-entropy, beside libtorch's.
@NeedsPeer
class IndexingParityTest {

    private static final long MEAN = 1;

    private final Parity parity = new Parity();
    private final List<DynamicTest> tests = new ArrayList<>();

    @TestFactory
    Stream<DynamicTest> embedding() {
        for (long count : new long[] {0, 1, 97}) {
            add(
                    "embedding",
                    x -> Embedding.embedding(x[0], x[1]),
                    x -> torch.embedding(x[0], x[1]),
                    new long[] {11, 5},
                    places(11, count));
        }
        add(
                "embedding in two dimensions",
                x -> Embedding.embedding(x[0], x[1]),
                x -> torch.embedding(x[0], x[1]),
                new long[] {11, 64},
                places(11, 3, 13));
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> gatherAndScatter() {
        long[] shape = {5, 7, 3};
        for (int dimension = 0; dimension < 3; dimension++) {
            int d = dimension;
            add(
                    "gather",
                    x -> Gather.gather(x[0], d, x[1]),
                    x -> x[0].gather(d, x[1]),
                    shape,
                    places(shape[d], 5, 7, 3));
            Tensor values = parity.normal(DType.FLOAT64, true, shape);
            add(
                    "scatter_add",
                    x -> ScatterAdd.scatterAdd(x[0], d, x[1], values.to(x[0].dtype())),
                    x -> x[0].scatter_add(d, x[1], TorchBridge.copy(values).to(x[0].scalar_type())),
                    shape,
                    places(shape[d], 5, 7, 3));
        }
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> crossEntropy() {
        for (double smoothing : new double[] {0, 0.1}) {
            for (long ignored : new long[] {-100, 3}) {
                for (long[] shape : new long[][] {{1, 7}, {37, 53}, {5, 1031}}) {
                    CrossEntropy form = new CrossEntropy(smoothing, ignored, 0);
                    add(
                            "cross_entropy, smoothing " + smoothing + ", ignoring " + ignored,
                            x -> form.mean(x[0], x[1]),
                            x -> torch.cross_entropy_loss(x[0], x[1], new TensorOptional(), MEAN, ignored, smoothing),
                            shape,
                            places(shape[1], shape[0]));
                }
            }
        }
        return tests.stream();
    }

    private void add(String name, Parity.Ours ours, Parity.Theirs theirs, long[] shape, Tensor places) {
        for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64)) {
            for (boolean strided : new boolean[] {false, true}) {
                String title = name + " " + dtype + " at " + places.shape() + (strided ? " strided" : "");
                tests.add(DynamicTest.dynamicTest(
                        title,
                        () -> Parity.compare(title, 97, ours, theirs, parity.normal(dtype, strided, shape), places)));
            }
        }
    }

    /// Scattered places below `limit`, with repetitions.
    private static Tensor places(long limit, long... extents) {
        long size = 1;
        for (long extent : extents) {
            size *= extent;
        }
        long[] values = new long[Math.toIntExact(size)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i * 2654435761L + 1) % limit;
        }
        return Tensor.of(values, extents);
    }
}
