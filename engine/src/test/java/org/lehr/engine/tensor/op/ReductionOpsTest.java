package org.lehr.engine.tensor.op;

import static org.lehr.engine.tensor.op.Sample.normal;

import java.util.stream.Stream;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

final class ReductionOpsTest implements OpContract {

    @Override
    public Stream<Sample> samples() {
        return Stream.of(
                Sample.of("sum", x -> x[0].sum(), normal(3, 5)).edge(normal(0, 5)).edge(normal()),
                Sample.of("sum of the outer and inner", x -> x[0].sum(0, 2), normal(3, 5, 2)).edge(normal(3, 0, 2)),
                Sample.of("sum kept", x -> x[0].sum(true, -1), normal(3, 5)),
                Sample.of("sum large", x -> x[0].sum(0), normal(509, 131)).large(),
                Sample.of("mean", x -> x[0].mean(1), normal(3, 5)).edge(normal(0, 5)).edge(normal(1, 1)),
                Sample.of("mean of everything", x -> x[0].mean(), normal(3, 5)),
                Sample.of("softmax", x -> Softmax.softmax(x[0], -1), normal(3, 5)).edge(normal(0, 5)).edge(normal(1)),
                Sample.of("softmax outer", x -> Softmax.softmax(x[0], 0), normal(3, 5)),
                Sample.of("log_softmax", x -> LogSoftmax.logSoftmax(x[0], 1), normal(3, 5, 2)).edge(normal(3, 0)));
    }

    @Override
    public Stream<Refusal> refusals() {
        return Stream.of(
                Refusal.of(IndexOutOfBoundsException.class, () -> normal(3, 5).sum(2), "sum", "2", "[3, 5]"),
                Refusal.of(ShapeMismatchException.class, () -> normal(3, 5).mean(0, -2), "mean", "[0, -2]", "[3, 5]"),
                Refusal.of(IndexOutOfBoundsException.class, () -> Softmax.softmax(normal(), 0), "softmax", "[]"),
                Refusal.of(
                        DTypeMismatchException.class,
                        () -> Softmax.softmax(Tensor.of(new int[] {1, 2}), 0),
                        "softmax",
                        "int32"));
    }
}
