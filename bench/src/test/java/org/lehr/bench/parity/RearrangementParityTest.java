package org.lehr.bench.parity;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lehr.bench.TorchBridge;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.Diagonal;
import org.lehr.engine.tensor.op.Flip;
import org.lehr.engine.tensor.op.IndexSelect;
import org.lehr.engine.tensor.op.MaskedFill;
import org.lehr.engine.tensor.op.OneHot;
import org.lehr.engine.tensor.op.Pad;
import org.lehr.engine.tensor.op.Repeat;
import org.lehr.engine.tensor.op.Split;
import org.lehr.engine.tensor.op.Triangle;
import org.lehr.kernels.DType;

/// Operations that move, repeat, or blank out elements, beside libtorch's.
@NeedsPeer
class RearrangementParityTest {

    private static final long[][] SHAPES = {{7, 53, 3}, {1, 1, 1}, {5, 2, 131}, {2, 0, 3}};

    private final Parity parity = new Parity();

    @TestFactory
    Stream<DynamicTest> joined() {
        for (int d = 0; d < 3; d++) {
            int dimension = d;
            for (long extent : new long[] {0, 1, 17}) {
                long[] other = {7, 13, 5};
                other[d] = extent;
                long[] shape = {7, 13, 5};
                parity.add(
                        "cat along " + d,
                        1,
                        x -> Concat.concat(dimension, x),
                        x -> torch.cat(new TensorVector(x), dimension),
                        shape,
                        other,
                        shape);
            }
        }
        for (int d = 0; d < 3; d++) {
            int dimension = d;
            for (long[] shape : new long[][] {{7, 13}, {0, 3}}) {
                parity.add(
                        "stack along " + d,
                        1,
                        x -> Concat.stack(dimension, x),
                        x -> torch.stack(new TensorVector(x), dimension),
                        shape,
                        shape,
                        shape);
            }
        }
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> cut() {
        for (int p = 0; p < 4; p++) {
            int part = p;
            long[] extents = {2, 0, 7, 4};
            parity.add(
                    "split, part " + p,
                    1,
                    x -> Split.split(x[0], 1, extents).get(part),
                    x -> torch.split_with_sizes(x[0], extents, 1).get(part),
                    new long[] {5, 13, 3});
        }
        for (int p = 0; p < 3; p++) {
            int part = p;
            for (int d = 0; d < 2; d++) {
                int dimension = d;
                parity.add(
                        "even split along " + d + ", part " + p,
                        1,
                        x -> Split.even(x[0], dimension, 3).get(part),
                        x -> torch.split(x[0], 7, dimension).get(part),
                        new long[] {21, 21});
            }
        }
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> padded() {
        for (long[] shape : SHAPES) {
            for (int d = 0; d < 3; d++) {
                for (long[] ends : new long[][] {{0, 0}, {3, 0}, {0, 1}, {2, 5}}) {
                    int dimension = d;
                    // The peer counts pairs from the last dimension on.
                    long[] pairs = new long[2 * (3 - d)];
                    pairs[pairs.length - 2] = ends[0];
                    pairs[pairs.length - 1] = ends[1];
                    parity.add(
                            "pad along " + d + " by " + ends[0] + ", " + ends[1],
                            1,
                            x -> Pad.pad(x[0], dimension, ends[0], ends[1], -1.5),
                            x -> torch.constant_pad_nd(x[0], pairs, new Scalar(-1.5)),
                            shape);
                }
            }
        }
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> flipped() {
        for (long[] shape : SHAPES) {
            for (int[] dimensions : new int[][] {{0}, {1}, {2}, {0, 2}, {0, 1, 2}}) {
                long[] over = IntStream.of(dimensions).asLongStream().toArray();
                parity.add("flip", 1, x -> Flip.flip(x[0], dimensions), x -> torch.flip(x[0], over), shape);
            }
        }
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> repeated() {
        for (long[] shape : SHAPES) {
            for (long[] counts : new long[][] {{1, 1, 1}, {2, 1, 3}, {1, 3, 2}}) {
                parity.add("tile", 6, x -> Repeat.tile(x[0], counts), x -> torch.tile(x[0], counts), shape);
            }
            for (int d = 0; d < 3; d++) {
                int dimension = d;
                parity.add(
                        "repeat_interleave along " + d,
                        3,
                        x -> Repeat.interleave(x[0], dimension, 3),
                        x -> torch.repeat_interleave(x[0], 3, new LongOptional(dimension), new LongOptional()),
                        shape);
            }
        }
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> triangles() {
        for (long[] shape : new long[][] {{1, 1}, {7, 13}, {13, 7}, {3, 11, 11}, {2, 0, 3}}) {
            for (long diagonal : new long[] {-20, -2, 0, 1, 20}) {
                String at = " at " + diagonal;
                parity.add("tril" + at, 1, x -> Triangle.lower(x[0], diagonal), x -> torch.tril(x[0], diagonal), shape);
                parity.add("triu" + at, 1, x -> Triangle.upper(x[0], diagonal), x -> torch.triu(x[0], diagonal), shape);
            }
            parity.add("diagonal", 1, x -> Diagonal.diagonal(x[0]), x -> torch.diagonal(x[0], 0, -2, -1), shape);
        }
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> selected() {
        long[] shape = {7, 53, 3};
        for (int d = 0; d < 3; d++) {
            for (int count : new int[] {0, 1, 61}) {
                int dimension = d;
                Tensor places = classes(shape[d], count);
                parity.add(
                        "index_select of " + count + " along " + d,
                        61,
                        x -> IndexSelect.indexSelect(x[0], dimension, places),
                        x -> torch.index_select(x[0], dimension, TorchBridge.copy(places)),
                        shape);
            }
        }
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> masked() {
        Tensor wide = parity.normal(DType.FLOAT64, true, 7, 53, 3);
        Tensor mask = wide.less(wide.scalarLike(0.3));
        for (Tensor hidden : List.of(mask, mask.slice(0, 2, 3), mask.slice(2, 1, 2))) {
            for (double value : new double[] {-7.5, Double.NEGATIVE_INFINITY}) {
                parity.add(
                        "masked_fill with " + value + " where " + hidden.shape(),
                        1,
                        x -> MaskedFill.maskedFill(x[0], hidden, value),
                        x -> torch.masked_fill(x[0], TorchBridge.copy(hidden), new Scalar(value)),
                        new long[] {7, 53, 3});
            }
        }
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> oneHot() {
        Tensor square = classes(11, 3 * 13).reshape(3, 13);
        return Stream.of(classes(11, 0), classes(11, 1), classes(11, 97), square, square.transpose(0, 1))
                .flatMap(classes -> Stream.of(DType.FLOAT32, DType.FLOAT64, DType.INT64)
                        .map(dtype -> {
                            String title = "one_hot " + dtype + " of " + classes;
                            return DynamicTest.dynamicTest(
                                    title,
                                    () -> Parity.compare(
                                            title,
                                            1,
                                            x -> OneHot.oneHot(x[0], 11, dtype),
                                            x -> torch.one_hot(x[0], 11),
                                            classes));
                        }));
    }

    /// Scattered numbers below `limit`, with repetitions.
    private static Tensor classes(long limit, int count) {
        return Tensor.of(
                IntStream.range(0, count)
                        .mapToLong(i -> (i * 2654435761L + 1) % limit)
                        .toArray(),
                count);
    }
}
