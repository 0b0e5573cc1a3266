package org.lehr.bench.parity;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.tensor.op.Argument;
import org.lehr.engine.tensor.op.CumulativeMax;
import org.lehr.engine.tensor.op.Lerp;
import org.lehr.engine.tensor.op.Pow;
import org.lehr.engine.tensor.op.Quantify;
import org.lehr.engine.tensor.op.Ranked;

/// Sorting and its relatives, quantifiers, and the remaining elementwise operations, beside libtorch's.
@NeedsPeer
class OrderParityTest {

    private static final long[][] SHAPES = {{7, 53, 3}, {1, 1, 1}, {5, 2, 131}};

    private final Parity parity = new Parity();

    @TestFactory
    Stream<DynamicTest> sorted() {
        for (long[] shape : new long[][] {{7, 53, 3}, {1, 1, 1}, {5, 2, 131}, {2, 0, 3}}) {
            for (int d = 0; d < 3; d++) {
                for (boolean down : new boolean[] {false, true}) {
                    int dimension = d;
                    String how = (down ? " downwards" : " upwards") + " along " + d;
                    parity.add(
                            "sort" + how,
                            1,
                            x -> Ranked.sort(x[0], dimension, down).values(),
                            x -> torch.sort(x[0], dimension, down).get0(),
                            shape);
                    parity.add(
                            "argsort" + how,
                            1,
                            x -> Ranked.sort(x[0], dimension, down).indices(),
                            x -> torch.sort(x[0], dimension, down).get1(),
                            shape);
                }
            }
        }
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> best() {
        for (long[] shape : SHAPES) {
            for (int d = 0; d < 3; d++) {
                for (boolean largest : new boolean[] {false, true}) {
                    for (long k : new long[] {1, (shape[d] + 1) / 2, shape[d]}) {
                        int dimension = d;
                        String how = " of the " + k + (largest ? " largest" : " smallest") + " along " + d;
                        parity.add(
                                "topk values" + how,
                                1,
                                x -> Ranked.topK(x[0], dimension, k, largest).values(),
                                x -> torch.topk(x[0], k, dimension, largest, true)
                                        .get0(),
                                shape);
                        parity.add(
                                "topk indices" + how,
                                1,
                                x -> Ranked.topK(x[0], dimension, k, largest).indices(),
                                x -> torch.topk(x[0], k, dimension, largest, true)
                                        .get1(),
                                shape);
                    }
                }
            }
        }
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> along() {
        for (long[] shape : SHAPES) {
            for (int d = 0; d < 3; d++) {
                int dimension = d;
                parity.add(
                        "argmin",
                        1,
                        x -> Argument.argMin(x[0], dimension),
                        x -> torch.argmin(x[0], new LongOptional(dimension), false),
                        shape);
                parity.add(
                        "cummax",
                        shape[d],
                        x -> CumulativeMax.cumulativeMax(x[0], dimension),
                        x -> torch.cummax(x[0], dimension).get0(),
                        shape);
            }
        }
        parity.add(
                "cummax",
                1,
                x -> CumulativeMax.cumulativeMax(x[0], 1),
                x -> torch.cummax(x[0], 1).get0(),
                new long[] {0, 3});
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> quantifiers() {
        for (long[] shape : new long[][] {{7, 53, 3}, {1, 1, 1}, {5, 2, 131}, {2, 0, 3}}) {
            for (int[] dimensions : new int[][] {{0}, {1}, {2}, {0, 2}, {0, 1, 2}}) {
                for (double limit : new double[] {-2, 0, 2}) {
                    boolean keep = limit == 0;
                    long[] over = IntStream.of(dimensions).asLongStream().toArray();
                    parity.add(
                            "any below " + limit,
                            1,
                            x -> Quantify.any(x[0].less(x[0].scalarLike(limit)), keep, dimensions),
                            x -> torch.any(x[0].lt(new Scalar(limit)), over, keep),
                            shape);
                    parity.add(
                            "all below " + limit,
                            1,
                            x -> Quantify.all(x[0].less(x[0].scalarLike(limit)), keep, dimensions),
                            x -> torch.all(x[0].lt(new Scalar(limit)), over, keep),
                            shape);
                }
            }
        }
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> elementwise() {
        for (long[][] shapes : new long[][][] {
            {{17, 31}, {17, 31}, {17, 31}},
            {{17, 31}, {31}, {}},
            {{5, 1, 7}, {3, 1}, {5, 3, 7}},
            {{0, 3}, {3}, {1, 1}}
        }) {
            parity.add("lerp", 200, x -> Lerp.lerp(x[0], x[1], x[2]), x -> torch.lerp(x[0], x[1], x[2]), shapes);
            parity.add(
                    "pow",
                    200,
                    x -> Pow.pow(x[0].square().add(0.1), x[1]),
                    x -> torch.pow(x[0].square().add(new Scalar(0.1)), x[1]),
                    shapes[0],
                    shapes[1]);
        }
        parity.special("pow", x -> Pow.pow(x[0].unsqueeze(1), x[0]), x -> torch.pow(x[0].unsqueeze(1), x[0]));
        return parity.tests();
    }
}
