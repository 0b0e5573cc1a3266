package org.lehr.engine.tensor.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// What comes out for a few numbers, worked out by hand.
final class OpValuesTest {

    private static final Tensor X = of(2, 3, 3, -1, 2, 0, 5, -4);
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    private static Tensor of(long rows, long columns, double... values) {
        return Tensor.of(values, rows, columns);
    }

    private static Tensor row(double... values) {
        return Tensor.of(values, values.length);
    }

    private record Value(String label, Tensor seen, Shape shape, double... expected) {

        DynamicTest test() {
            return dynamicTest(label, () -> {
                assertEquals(shape, seen.shape());
                assertArrayEquals(expected, seen.toDoubleArray(), 1e-14);
            });
        }
    }

    private static Value value(String label, Tensor seen, long[] shape, double... expected) {
        return new Value(label, seen, Shape.of(shape), expected);
    }

    private static long[] shape(long... extents) {
        return extents;
    }

    @TestFactory
    Stream<DynamicTest> reductions() {
        Tensor flags = Compare.greater(X, X.scalarLike(0));
        Tensor empty = Tensor.of(new double[0], 2, 0);
        return Stream.of(
                        value("max", X.max(1), shape(2), 3, 5),
                        value("max of nothing", empty.max(1), shape(2), -INFINITY, -INFINITY),
                        value("min", X.min(), shape(), -4),
                        value("arg_max", X.argMax(0), shape(3), 0, 1, 0),
                        value("arg_min", Argument.argMin(X, 1), shape(2), 1, 2),
                        value("product", Product.product(X, true, 1), shape(2, 1), -6, 0),
                        value("any", Quantify.any(flags, false, 0).to(DType.INT64), shape(3), 1, 1, 1),
                        value("all", Quantify.all(flags, false, 0).to(DType.INT64), shape(3), 0, 0, 0),
                        value("variance", Variance.variance(row(1, 2, 6), true, false), shape(), 7),
                        value("variance biased", Variance.variance(row(1, 2, 6), false, false), shape(), 14 / 3.0),
                        value("variance of one", Variance.variance(row(4), true, false), shape(), Double.NaN),
                        value("norm 1", Norm.norm(X, 1, false, 1), shape(2), 6, 9),
                        value("norm 2", Norm.norm(row(3, -4), 2, false), shape(), 5),
                        value("norm inf", Norm.norm(X, INFINITY, false, 1), shape(2), 3, 5),
                        value("log_sum_exp", LogSumExp.logSumExp(row(1000, 1000), false), shape(), 1000 + Math.log(2)),
                        value("cumulative_sum", CumulativeSum.cumulativeSum(X, 1), shape(2, 3), 3, 2, 4, 0, 5, 1),
                        value(
                                "cumulative_product",
                                CumulativeProduct.cumulativeProduct(X, 0),
                                shape(2, 3),
                                3,
                                -1,
                                2,
                                0,
                                -5,
                                -8),
                        value("cumulative_max", CumulativeMax.cumulativeMax(X, 1), shape(2, 3), 3, 3, 3, 0, 5, 5))
                .map(Value::test);
    }

    @TestFactory
    Stream<DynamicTest> layouts() {
        Tensor y = of(2, 1, 7, 8);
        return Stream.of(
                        value("concat", Concat.concat(1, X, y), shape(2, 4), 3, -1, 2, 7, 0, 5, -4, 8),
                        value("stack", Concat.stack(0, row(1, 2), row(3, 4)), shape(2, 2), 1, 2, 3, 4),
                        value("split", Split.split(X, 1, 1, 2).get(1), shape(2, 2), -1, 2, 5, -4),
                        value("flip", Flip.flip(X, 1), shape(2, 3), 2, -1, 3, -4, 5, 0),
                        value("tile", Repeat.tile(y, 1, 2), shape(2, 2), 7, 7, 8, 8),
                        value("tile rows", Repeat.tile(y, 2, 1), shape(4, 1), 7, 8, 7, 8),
                        value("interleave", Repeat.interleave(y, 0, 2), shape(4, 1), 7, 7, 8, 8),
                        value("pad", Pad.pad(y, 1, 1, 2, -1), shape(2, 4), -1, 7, -1, -1, -1, 8, -1, -1),
                        value("diagonal", Diagonal.diagonal(X), shape(2), 3, 5),
                        value("lower", Triangle.lower(X, 0), shape(2, 3), 3, 0, 0, 0, 5, 0),
                        value("lower above", Triangle.lower(X, 1), shape(2, 3), 3, -1, 0, 0, 5, -4),
                        value("upper", Triangle.upper(X, 1), shape(2, 3), 0, -1, 2, 0, 0, -4))
                .map(Value::test);
    }

    @TestFactory
    Stream<DynamicTest> places() {
        Tensor ties = row(2, Double.NaN, 1, 2);
        return Stream.of(
                        value(
                                "index_select",
                                IndexSelect.indexSelect(X, 1, Tensor.of(new int[] {2, 0})),
                                shape(2, 2),
                                2,
                                3,
                                -4,
                                0),
                        value(
                                "masked_fill",
                                MaskedFill.maskedFill(row(1, 2), Tensor.of(new boolean[] {true, false}), 9),
                                shape(2),
                                9,
                                2),
                        value(
                                "one_hot",
                                OneHot.oneHot(Tensor.of(new long[] {1, 0}), 3, DType.FLOAT32),
                                shape(2, 3),
                                0,
                                1,
                                0,
                                1,
                                0,
                                0),
                        value("sort", Ranked.sort(X, 1, false).values(), shape(2, 3), -1, 2, 3, -4, 0, 5),
                        value(
                                "sort with ties and NaN",
                                Ranked.sort(ties, 0, true).indices(),
                                shape(4),
                                1,
                                0,
                                3,
                                2),
                        value("top_k", Ranked.topK(X, 1, 2, true).values(), shape(2, 2), 3, 2, 5, 0),
                        value("places of top_k", Ranked.topK(X, 0, 1, false).indices(), shape(1, 3), 1, 0, 1),
                        value("range", Range.range(Device.cpu(), DType.FLOAT64, 1, 0.5, 3), shape(3), 1, 1.5, 2))
                .map(Value::test);
    }

    @TestFactory
    Stream<DynamicTest> numbers() {
        Tensor halves = row(-2.5, -0.5, 0.5, 1.5);
        return Stream.of(
                        value("floor", PiecewiseConstant.floor(halves), shape(4), -3, -1, 0, 1),
                        value("ceil", PiecewiseConstant.ceil(halves), shape(4), -2, -0.0, 1, 2),
                        value("round to even", PiecewiseConstant.round(halves), shape(4), -2, -0.0, 0, 2),
                        value("sign", PiecewiseConstant.sign(row(-3, 0, 2)), shape(3), -1, 0, 1),
                        value("clamp", Clamp.clamp(halves, -1, 1), shape(4), -1, -0.5, 0.5, 1),
                        value("lerp", Lerp.lerp(row(1, 2), row(3, 6), row(0.25)), shape(2), 1.5, 3),
                        value("pow", Pow.pow(row(2, 0, 9), row(3, 0, 0.5)), shape(3), 8, 1, 3),
                        value("maximum", Maximum.maximum(row(1, 5), row(2, 3)), shape(2), 2, 5),
                        value("div by a number", row(49, 21).div(49).mul(49), shape(2), 49, 21),
                        value("sub of integers", Tensor.of(new int[] {7, 1}).sub(3), shape(2), 4, -2),
                        value("div of powers of two", row(3, 1).div(4), shape(2), 0.75, 0.25))
                .map(Value::test);
    }

    @Test
    void aNumberDividedByItselfIsOne() {
        for (int n = 1; n < 100; n++) {
            assertEquals(1, row(n).div(n).toDoubleArray()[0]);
            assertEquals(1, Tensor.scalar(n).div(n).item());
        }
    }

    @Test
    void tiesShareTheGradient() {
        Tensor x = row(2, 1, 2, 2, 0).requiringGradient();
        assertArrayEquals(third(1, 0, 1, 1, 0), gradient(x.max(), x), 1e-15);
        Tensor y = row(2, 3, 2, 0, 0).requiringGradient();
        assertArrayEquals(
                new double[] {0.5, 0, 0.5, 1, 0.5},
                gradient(Maximum.maximum(x, y).sum(), x));
        assertArrayEquals(
                new double[] {0.5, 0, 0.5, 1, 0.5},
                gradient(Minimum.minimum(x, y).sum(), y));
    }

    private static double[] third(double... numerators) {
        return Arrays.stream(numerators).map(n -> n / 3).toArray();
    }

    @Test
    void theFirstOfEqualRunningMaximaGetsTheGradient() {
        Tensor x = row(1, 3, 3, 2, 4).requiringGradient();
        assertArrayEquals(
                new double[] {1, 3, 0, 0, 1},
                gradient(CumulativeMax.cumulativeMax(x, 0).sum(), x));
    }

    @Test
    void gradientsAtCornersAreFinite() {
        Tensor zero = row(0, 0).requiringGradient();
        assertArrayEquals(new double[2], gradient(zero.abs().sum(), zero));
        assertArrayEquals(new double[2], gradient(zero.relu().sum(), zero));
        assertArrayEquals(new double[2], gradient(Norm.norm(zero, 2, false), zero));
        assertArrayEquals(new double[2], gradient(Pow.pow(zero, row(0, 2)).sum(), zero));
        Tensor exponent = row(0, 2).requiringGradient();
        assertArrayEquals(new double[] {0, 0}, gradient(Pow.pow(zero, exponent).sum(), exponent));
        Tensor hidden = row(-INFINITY, -INFINITY).requiringGradient();
        assertArrayEquals(new double[2], gradient(LogSumExp.logSumExp(hidden, false), hidden));
    }

    private static double[] gradient(Tensor y, Tensor x) {
        return Autograd.gradient(y, x).getFirst().toDoubleArray();
    }
}
