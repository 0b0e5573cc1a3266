package org.lehr.engine.tensor.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lehr.engine.tensor.op.GroupedMatmul.groupedMatmul;
import static org.lehr.engine.tensor.op.Sample.normal;
import static org.lehr.engine.tensor.op.Sample.normalOf;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class GroupedMatmulTest implements OpContract {

    private static final Tensor RAGGED = Tensor.of(new long[] {0, 0, 4, 5, 5});

    @Override
    public Stream<Sample> samples() {
        Tensor one = Tensor.of(new long[] {0, 0, 5, 5});
        return Stream.of(
                Sample.of(
                                "grouped matmul",
                                x -> groupedMatmul(x[0], x[1], ragged(x[0].extent(0), x[1].extent(0))),
                                normal(5, 3),
                                normalOf(2, 4, 3, 2))
                        .edge(normal(0, 3), normal(2, 3, 2))
                        .edge(normal(0, 3), normal(0, 3, 2))
                        .edge(normal(5, 0), normal(4, 0, 2))
                        .edge(normal(5, 3), normal(4, 3, 0))
                        .edge(normal(1, 1), normal(1, 1, 1)),
                Sample.of(
                        "grouped matmul with rows of outputs",
                        x -> groupedMatmul(x[0], x[1].transpose(1, 2), RAGGED),
                        normal(5, 3),
                        normalOf(2, 4, 2, 3)),
                Sample.of(
                        "grouped matmul, all rows in one group",
                        x -> groupedMatmul(x[0], x[1], one),
                        normal(5, 3),
                        normalOf(2, 3, 3, 2)),
                Sample.of(
                        "grouped outer product",
                        x -> GroupedOuterProduct.of(x[0], x[1], RAGGED),
                        normal(5, 3),
                        normalOf(2, 5, 2)),
                Sample.of(
                                "grouped matmul large",
                                x -> groupedMatmul(x[0], x[1].transpose(1, 2), ragged(300, 4)),
                                normal(300, 67),
                                normalOf(2, 4, 97, 67))
                        .large());
    }

    /// Groups that grow from none.
    private static Tensor ragged(long rows, long groups) {
        long[] offsets = new long[(int) groups + 1];
        for (int i = 1; i <= groups; i++) {
            offsets[i] = rows * i * i / (groups * groups);
        }
        return Tensor.of(offsets, groups + 1);
    }

    @Test
    void eachGroupIsAProductOfItsOwn() {
        Tensor x = normal(5, 3);
        Tensor weights = normalOf(2, 4, 3, 2);
        Tensor parts = Concat.concat(
                0,
                x.slice(0, 0, 4).matmul(weights.slice(0, 1, 2).squeeze(0)),
                x.slice(0, 4, 5).matmul(weights.slice(0, 2, 3).squeeze(0)));
        assertArrayEquals(
                parts.toDoubleArray(), groupedMatmul(x, weights, RAGGED).toDoubleArray(), 1e-14);
    }

    @Test
    void theGradientOfTransposedWeightsIsDense() {
        Tensor weights = normal(4, 2, 3).requiringGradient();
        groupedMatmul(normal(5, 3), weights.transpose(1, 2), RAGGED).sum().backward();
        assertTrue(weights.gradient().isContiguous());
    }

    @Override
    public Stream<Refusal> refusals() {
        Tensor x = normal(5, 3);
        return Stream.of(
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> groupedMatmul(x, normal(4, 2, 3), RAGGED),
                        "grouped_matmul",
                        "[5, 3]",
                        "[4, 2, 3]"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> groupedMatmul(x, normal(3, 3, 2), RAGGED),
                        "[3, 3, 2]",
                        "[5]"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> GroupedOuterProduct.of(x, normal(4, 2), RAGGED),
                        "grouped_outer_product",
                        "[4, 2]"),
                Refusal.of(
                        DTypeMismatchException.class,
                        () -> groupedMatmul(x, normal(4, 3, 2), RAGGED.to(DType.INT32)),
                        "grouped_matmul",
                        "int32"),
                Refusal.of(
                        IllegalArgumentException.class,
                        () -> groupedMatmul(x, normal(4, 3, 2), Tensor.of(new long[] {0, 2, 1, 5, 5})),
                        "ascend",
                        "[0, 2, 1, 5, 5]"),
                Refusal.of(
                        IllegalArgumentException.class,
                        () -> groupedMatmul(x, normal(4, 3, 2), Tensor.of(new long[] {0, 2, 3, 4, 4})),
                        "from 0 to 5",
                        "[0, 2, 3, 4, 4]"));
    }
}
