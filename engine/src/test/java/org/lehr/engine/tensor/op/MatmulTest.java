package org.lehr.engine.tensor.op;

import static org.lehr.engine.tensor.op.Sample.normal;
import static org.lehr.engine.tensor.op.Sample.normalOf;

import java.util.stream.Stream;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

final class MatmulTest implements OpContract {

    @Override
    public Stream<Sample> samples() {
        return Stream.of(
                Sample.of("matmul", x -> x[0].matmul(x[1]), normal(3, 5), normalOf(2, 5, 2))
                        .edge(normal(0, 5), normal(5, 2))
                        .edge(normal(3, 0), normal(0, 2))
                        .edge(normal(1, 1), normal(1, 1)),
                Sample.of("matmul of stacks", x -> x[0].matmul(x[1]), normal(2, 1, 3, 5), normalOf(2, 3, 5, 2)),
                Sample.of("matmul of a stack with one", x -> x[0].matmul(x[1]), normal(2, 3, 5), normalOf(2, 5, 2)),
                Sample.of("matmul of a row", x -> x[0].matmul(x[1]), normal(5), normalOf(2, 2, 5, 3)),
                Sample.of("matmul of rows", x -> x[0].matmul(x[1]), normal(5), normalOf(2, 5)),
                Sample.of("matmul large", x -> x[0].matmul(x[1]), normal(131, 67), normalOf(2, 67, 97))
                        .large(),
                Sample.of(
                                "linear",
                                x -> Linear.linear(x[0], x[1], x[2]),
                                normal(2, 3, 5),
                                normalOf(2, 7, 5),
                                normalOf(3, 7))
                        .edge(normal(0, 5), normal(7, 5), normal(7)),
                Sample.of(
                        "linear without bias", x -> Linear.linear(x[0], x[1], null), normal(3, 5), normalOf(2, 7, 5)));
    }

    @Override
    public Stream<Refusal> refusals() {
        Tensor x = normal(3, 5);
        return Stream.of(
                Refusal.of(ShapeMismatchException.class, () -> x.matmul(normal(4, 2)), "matmul", "[3, 5]", "[4, 2]"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> normal(2, 3, 5).matmul(normal(3, 5, 2)),
                        "matmul",
                        "[2]",
                        "[3]"),
                Refusal.of(ShapeMismatchException.class, () -> x.matmul(normal()), "matmul", "[3, 5]", "[]"),
                Refusal.of(
                        DTypeMismatchException.class,
                        () -> x.matmul(Tensor.ones(5, 2)),
                        "matmul",
                        "float64",
                        "float32"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> Linear.linear(x, normal(7, 4), null),
                        "linear",
                        "[3, 5]",
                        "[7, 4]"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> Linear.linear(x, normal(7, 5), normal(5)),
                        "linear",
                        "[7]",
                        "[5]"));
    }
}
