package org.lehr.engine.tensor.op;

import static org.lehr.engine.tensor.op.Sample.apart;
import static org.lehr.engine.tensor.op.Sample.normal;

import java.util.stream.Stream;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

final class ReductionOpsTest implements OpContract {

    @Override
    public Stream<Sample> samples() {
        return Stream.concat(values(), placesAndRunning());
    }

    private static Stream<Sample> values() {
        return Stream.of(
                Sample.of("sum", x -> x[0].sum(), normal(3, 5))
                        .edge(normal(0, 5))
                        .edge(normal()),
                Sample.of("sum of the outer and inner", x -> x[0].sum(0, 2), normal(3, 5, 2))
                        .edge(normal(3, 0, 2)),
                Sample.of("sum kept", x -> x[0].sum(true, -1), normal(3, 5)),
                Sample.of("sum large", x -> x[0].sum(0), normal(509, 131)).large(),
                Sample.of("mean", x -> x[0].mean(1), normal(3, 5))
                        .edge(normal(0, 5))
                        .edge(normal(1, 1)),
                Sample.of("mean of everything", x -> x[0].mean(), normal(3, 5)),
                Sample.of("softmax", x -> Softmax.softmax(x[0], -1), normal(3, 5))
                        .edge(normal(0, 5))
                        .edge(normal(1)),
                Sample.of("softmax outer", x -> Softmax.softmax(x[0], 0), normal(3, 5)),
                Sample.of("log_softmax", x -> LogSoftmax.logSoftmax(x[0], 1), normal(3, 5, 2))
                        .edge(normal(3, 0)),
                Sample.of("max", x -> x[0].max(1), normal(3, 5))
                        .edge(normal(0, 5))
                        .edge(normal(1, 1)),
                Sample.of("max of everything", x -> x[0].max(), normal(3, 5)),
                Sample.of("min", x -> Extremum.min(x[0], true, 0, 2), normal(3, 5, 2))
                        .edge(normal(0, 3, 0)),
                Sample.of("log_sum_exp", x -> LogSumExp.logSumExp(x[0], false, 0), normal(3, 5))
                        .edge(normal(1, 2)),
                Sample.of("variance", x -> Variance.variance(x[0], true, false, -1), normal(3, 5))
                        .edge(normal(0, 5)),
                Sample.of("variance biased", x -> Variance.variance(x[0], false, true), normal(3, 5))
                        .edge(normal(1)),
                Sample.of("norm 1", x -> Norm.norm(x[0], 1, false, 1), apart(3, 5))
                        .edge(normal(1, 1)),
                Sample.of("norm 2", x -> Norm.norm(x[0], 2, true), normal(3, 5))
                        .edge(normal(1))
                        .edge(normal(3, 0)),
                Sample.of("norm inf", x -> Norm.norm(x[0], Double.POSITIVE_INFINITY, false, 0), normal(3, 5)),
                Sample.of("product", x -> Product.product(x[0], false, 0, 2), normal(3, 5, 2))
                        .edge(normal(0, 5, 1)),
                Sample.of("product with zeros", x -> Product.product(x[0], false, 1), zeros())
                        .edge(Tensor.of(new double[1], 1, 1)));
    }

    private static Stream<Sample> placesAndRunning() {
        Tensor flags = Tensor.of(new boolean[] {true, false, false, true, true, true}, 3, 2);
        return Stream.of(
                Sample.of("any", x -> Quantify.any(x[0], false, 0), flags)
                        .constant()
                        .using(Quantify.class),
                Sample.of("all", x -> Quantify.all(x[0], true, 1), flags).constant(),
                Sample.of("arg_max", x -> x[0].argMax(0), apart(3, 5))
                        .constant()
                        .using(Argument.class),
                Sample.of("arg_min", x -> Argument.argMin(x[0], 1), apart(3, 5)).constant(),
                Sample.of("cumulative_sum", x -> CumulativeSum.cumulativeSum(x[0], 0), normal(5, 3))
                        .edge(normal(0)),
                Sample.of("cumulative_product", x -> CumulativeProduct.cumulativeProduct(x[0], 1), normal(3, 5))
                        .edge(normal(3, 0))
                        .edge(normal(1, 1)),
                Sample.of("cumulative_product with zeros", x -> CumulativeProduct.cumulativeProduct(x[0], 1), zeros()),
                Sample.of(
                        "cumulative_product from the end",
                        x -> Tensor.apply(new CumulativeProduct(0, true), x[0]),
                        zeros()),
                Sample.of("cumulative_max", x -> CumulativeMax.cumulativeMax(x[0], 0), normal(7, 2))
                        .edge(normal(0, 2))
                        .edge(normal(1, 2)));
    }

    /// No zero, one and two of them in a row.
    private static Tensor zeros() {
        return Tensor.of(new double[] {2, -1, 3, 0.5, 1, 0, -2, 4, 0, 2, 0, 3}, 3, 4);
    }

    @Override
    public Stream<Refusal> refusals() {
        return Stream.of(
                Refusal.of(IndexOutOfBoundsException.class, () -> normal(3, 5).sum(2), "sum", "2", "[3, 5]"),
                Refusal.of(ShapeMismatchException.class, () -> normal(3, 5).mean(0, -2), "mean", "[0, -2]", "[3, 5]"),
                Refusal.of(IndexOutOfBoundsException.class, () -> Softmax.softmax(normal(), 0), "softmax", "[]"),
                Refusal.of(IndexOutOfBoundsException.class, () -> normal(3, 5).max(2), "max", "2", "[3, 5]"),
                Refusal.of(ShapeMismatchException.class, () -> normal(3, 0).argMax(1), "arg_max", "1", "[3, 0]"),
                Refusal.of(IllegalArgumentException.class, () -> Norm.norm(normal(3), 2.5, false), "norm", "2.5"),
                Refusal.of(DTypeMismatchException.class, () -> Quantify.any(normal(3), false), "any", "float64"),
                Refusal.of(
                        DTypeMismatchException.class,
                        () -> Softmax.softmax(Tensor.of(new int[] {1, 2}), 0),
                        "softmax",
                        "int32"));
    }
}
