package org.lehr.engine.tensor.op;

import static org.lehr.engine.tensor.op.Sample.normal;
import static org.lehr.engine.tensor.op.Sample.normalOf;

import java.util.stream.Stream;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class IndexOpsTest implements OpContract {

    private static final Tensor PLACES = Tensor.of(new long[] {4, 0, 4, 2, 1, 0}, 2, 3);

    @Override
    public Stream<Sample> samples() {
        Tensor columns = Tensor.of(new int[] {1, 0, 1, 4, 3, 3, 0, 2, 1}, 3, 3);
        return Stream.of(
                Sample.of("embedding", x -> Embedding.embedding(x[0], x[1]), normal(5, 3), PLACES)
                        .edge(normal(5, 3), Tensor.of(new long[0])),
                Sample.of("row_sum", x -> RowSum.rowSum(x[0], x[1].reshape(6), 5), normal(6, 3), PLACES),
                Sample.of("gather", x -> Gather.gather(x[0], 1, x[1]), normal(3, 5), columns)
                        .edge(normal(0, 5), Tensor.of(new long[0], 0, 3)),
                Sample.of(
                        "scatter_add",
                        x -> ScatterAdd.scatterAdd(x[0], -1, x[2], x[1]),
                        normal(3, 5),
                        normalOf(2, 3, 3),
                        columns),
                Sample.of(
                                "index_select",
                                x -> IndexSelect.indexSelect(x[0], 1, x[1]),
                                normal(2, 5, 3),
                                Tensor.of(new int[] {4, 0, 4}))
                        .edge(normal(2, 5), Tensor.of(new int[0])),
                Sample.of(
                        "masked_fill",
                        x -> MaskedFill.maskedFill(x[0], x[1], -3),
                        normal(2, 3),
                        Tensor.of(new boolean[] {true, false, true}, 3)),
                Sample.of("one_hot", x -> OneHot.oneHot(x[0], 5, DType.FLOAT32), PLACES)
                        .constant(),
                Sample.of("sort", x -> Ranked.sort(x[0], 0, true).values(), normal(5, 3))
                        .edge(normal(0, 3)),
                Sample.of("places of sort", x -> Ranked.sort(x[0], -1, false).indices(), normal(5, 3))
                        .constant(),
                Sample.of("top_k", x -> Ranked.topK(x[0], 1, 2, true).values(), normal(3, 5))
                        .edge(normal(3, 2)),
                Sample.of("places of top_k", x -> Ranked.topK(x[0], 0, 3, false).indices(), normal(5, 3))
                        .constant());
    }

    @Override
    public Stream<Refusal> refusals() {
        Tensor x = normal(5, 3);
        return Stream.of(
                Refusal.of(
                        ShapeMismatchException.class, () -> RowSum.rowSum(x, PLACES, 5), "row_sum", "[5, 3]", "[2, 3]"),
                Refusal.of(DTypeMismatchException.class, () -> Embedding.embedding(x, x), "embedding", "float64"),
                Refusal.of(
                        ShapeMismatchException.class, () -> Embedding.embedding(normal(5), PLACES), "embedding", "[5]"),
                Refusal.of(
                        IndexOutOfBoundsException.class,
                        () -> Embedding.embedding(x, Tensor.of(new long[] {1, 5})),
                        "5"),
                Refusal.of(
                        ShapeMismatchException.class, () -> Gather.gather(x, 1, PLACES), "gather", "[5, 3]", "[2, 3]"),
                Refusal.of(
                        IndexOutOfBoundsException.class,
                        () -> Ranked.topK(x, 0, 6, true).values(),
                        "top_k",
                        "6",
                        "[5, 3]"),
                Refusal.of(
                        IndexOutOfBoundsException.class,
                        () -> Ranked.sort(x, 2, true).values(),
                        "sort",
                        "2",
                        "[5, 3]"),
                Refusal.of(
                        IndexOutOfBoundsException.class,
                        () -> OneHot.oneHot(PLACES, 4, DType.FLOAT32),
                        "one_hot",
                        "4",
                        "[0, 4)"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> IndexSelect.indexSelect(x, 0, PLACES),
                        "index_select",
                        "[2, 3]",
                        "[5, 3]"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> ScatterAdd.scatterAdd(x, 0, PLACES, normal(2, 2)),
                        "scatter_add",
                        "[2, 3]",
                        "[2, 2]"));
    }
}
