package org.lehr.engine.tensor.op;

import static org.lehr.engine.tensor.op.Sample.apart;
import static org.lehr.engine.tensor.op.Sample.between;
import static org.lehr.engine.tensor.op.Sample.normal;
import static org.lehr.engine.tensor.op.Sample.normalOf;

import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

final class PointwiseOpsTest implements OpContract {

    @Override
    public Stream<Sample> samples() {
        return Stream.of(arithmetic(), functions(), numbers(), choices(), predicates())
                .flatMap(s -> s);
    }

    private static Stream<Sample> arithmetic() {
        return Stream.of(
                Sample.of("add", x -> x[0].add(x[1]), normal(3, 5), normalOf(2, 3, 5))
                        .edge(normal(0, 5), normal(1, 5)),
                Sample.of("add broadcast", x -> x[0].add(x[1]), normal(2, 1, 5), normalOf(2, 3, 1)),
                Sample.of("sub", x -> x[0].sub(x[1]), normal(3, 5), normalOf(2, 5))
                        .edge(normal(), normal(1)),
                Sample.of("mul", x -> x[0].mul(x[1]), normal(3, 5), normalOf(2, 3, 1))
                        .edge(normal(0), normal(1)),
                Sample.of("mul large", x -> x[0].mul(x[1]), normal(211, 307), normalOf(2, 307))
                        .large(),
                Sample.of("div", x -> x[0].div(x[1]), normal(3, 5), between(0.5, 2, 5))
                        .edge(normal(0), between(1, 2)),
                Sample.of("neg", x -> x[0].neg(), normal(7)).edge(normal(0)).edge(normal()));
    }

    private static Stream<Sample> functions() {
        return Stream.of(
                unary("exp", Tensor::exp, normal(3, 5)),
                unary("log", Tensor::log, between(0.5, 3, 3, 5)),
                unary("sqrt", Tensor::sqrt, between(0.5, 3, 3, 5)),
                unary("square", Tensor::square, normal(3, 5)),
                unary("tanh", Tensor::tanh, normal(3, 5)),
                unary("sigmoid", Tensor::sigmoid, normal(3, 5)),
                unary("relu", Tensor::relu, apart(3, 5)),
                unary("erf", Erf::erf, normal(3, 5)),
                unary("gelu", Gelu::gelu, normal(3, 5)).using(Derivative.class),
                unary("gelu tanh", Gelu::geluTanh, normal(3, 5)),
                unary("silu", Silu::silu, normal(3, 5)),
                unary("abs", Tensor::abs, apart(3, 5)),
                unary("log1p", Log1p::log1p, between(-0.5, 2, 3, 5)),
                unary("expm1", Expm1::expm1, normal(3, 5)),
                unary("rsqrt", Rsqrt::rsqrt, between(0.5, 3, 3, 5)),
                unary("reciprocal", Reciprocal::reciprocal, between(0.5, 3, 3, 5)),
                unary("sin", Sin::sin, normal(3, 5)),
                unary("cos", Cos::cos, normal(3, 5)),
                unary("softplus", Softplus::softplus, normal(3, 5)),
                unary("leaky_relu", x -> LeakyRelu.leakyRelu(x, 0.1), apart(3, 5)),
                unary("elu", x -> Elu.elu(x, 0.7), normal(3, 5)),
                unary("clamp", x -> Clamp.clamp(x, -1.1, 2.3), apart(3, 5)));
    }

    private static Stream<Sample> numbers() {
        return Stream.of(
                unary("add_scalar", x -> x.add(1.5).sub(0.25), normal(3, 5)),
                unary("mul_scalar", x -> x.mul(-1.5).div(4), normal(3, 5)),
                unary("div by a number", x -> x.div(3), normal(3, 5)),
                unary("pow_scalar", x -> x.pow(3), normal(3, 5)),
                unary("pow_scalar of a fraction", x -> x.pow(-1.7), between(0.5, 2, 3, 5)),
                unary("pow_scalar of 0", x -> x.pow(0).add(x), normal(3, 5)),
                Sample.of("pow", x -> Pow.pow(x[0], x[1]), between(0.5, 2, 3, 5), normal(5))
                        .edge(normal(0), normal(1)),
                Sample.of("maximum", x -> Maximum.maximum(x[0], x[1]), normal(3, 5), normalOf(2, 5))
                        .edge(normal(0), normal(1)),
                Sample.of("minimum", x -> Minimum.minimum(x[0], x[1]), normal(3, 1), normalOf(2, 3, 5))
                        .edge(normal(0), normal(1)),
                Sample.of("lerp", x -> Lerp.lerp(x[0], x[1], x[2]), normal(3, 5), normalOf(2, 5), normalOf(3, 3, 1))
                        .edge(normal(0), normal(1), normal()));
    }

    private static Stream<Sample> predicates() {
        Tensor p = Tensor.of(new boolean[] {true, false, false, true}, 4);
        Tensor q = Tensor.of(new boolean[] {true, true, false, false}, 4);
        Tensor odd = Tensor.of(new double[] {1, Double.NaN, Double.POSITIVE_INFINITY, -3}, 4);
        return Stream.of(
                Sample.of("floor", x -> PiecewiseConstant.floor(x[0]), apart(3, 5)),
                Sample.of("ceil", x -> PiecewiseConstant.ceil(x[0]), apart(3, 5)),
                Sample.of("round", x -> PiecewiseConstant.round(x[0]), apart(3, 5)),
                Sample.of("sign", x -> PiecewiseConstant.sign(x[0]), apart(3, 5))
                        .edge(normal(0)),
                Sample.of("logical_and", x -> Logical.and(x[0], x[1]), p, q)
                        .constant()
                        .using(Logical.class),
                Sample.of("logical_or", x -> Logical.or(x[0], x[1]), p, q).constant(),
                Sample.of("logical_xor", x -> Logical.xor(x[0], x[1]), p, q).constant(),
                Sample.of("logical_not", x -> Logical.not(x[0]), p).constant(),
                Sample.of("is_nan", x -> Classify.isNan(x[0]), odd).constant().using(Classify.class),
                Sample.of("is_finite", x -> Classify.isFinite(x[0]), odd).constant(),
                Sample.of("is_infinite", x -> Classify.isInfinite(x[0]), odd).constant());
    }

    private static Stream<Sample> choices() {
        Tensor mask = Tensor.of(new boolean[] {true, false, false, true, true}, 5);
        return Stream.of(
                Sample.of("where", x -> Where.where(x[2], x[0], x[1]), normal(3, 5), normalOf(2, 3, 1), mask),
                Sample.of("equal", x -> Compare.equal(x[0], x[1]), apart(3, 5), apart(3, 5))
                        .constant(),
                Sample.of("not_equal", x -> Compare.notEqual(x[0], x[1]), apart(3, 5), apart(5))
                        .constant(),
                Sample.of("less", x -> Compare.less(x[0], x[1]), normal(3, 5), normalOf(2, 5))
                        .constant(),
                Sample.of("less_equal", x -> Compare.lessOrEqual(x[0], x[1]), apart(3, 5), apart(5))
                        .constant(),
                Sample.of("greater", x -> Compare.greater(x[0], x[1]), normal(3, 5), normalOf(2, 5))
                        .constant()
                        .using(Compare.class),
                Sample.of("greater_equal", x -> Compare.greaterOrEqual(x[0], x[1]), apart(3, 5), apart(5))
                        .constant());
    }

    private static Sample unary(String label, UnaryOperator<Tensor> function, Tensor x) {
        Tensor one = between(0.5, 1);
        return Sample.of(label, in -> function.apply(in[0]), x)
                .edge(normal(0, 3))
                .edge(one);
    }

    @Override
    public Stream<Refusal> refusals() {
        Tensor x = normal(3, 5);
        Tensor y = normal(4);
        return Stream.of(
                Refusal.of(ShapeMismatchException.class, () -> x.add(y), "add", "[3, 5]", "[4]"),
                Refusal.of(ShapeMismatchException.class, () -> x.mul(y), "mul", "[3, 5]", "[4]"),
                Refusal.of(ShapeMismatchException.class, () -> Pow.pow(x, y), "pow", "[3, 5]", "[4]"),
                Refusal.of(ShapeMismatchException.class, () -> Lerp.lerp(x, x, y), "lerp", "[3, 5]", "[4]"),
                Refusal.of(IllegalArgumentException.class, () -> Clamp.clamp(x, 2, 1), "clamp", "2.0", "1.0"),
                Refusal.of(DTypeMismatchException.class, () -> Logical.not(x), "logical_not", "float64"),
                Refusal.of(ShapeMismatchException.class, () -> Compare.less(x, y), "lt", "[3, 5]", "[4]"),
                Refusal.of(DTypeMismatchException.class, () -> x.sub(Tensor.ones(5)), "sub", "float64", "float32"),
                Refusal.of(
                        DTypeMismatchException.class,
                        () -> Tensor.of(new int[] {1, 2}).exp(),
                        "exp",
                        "int32"));
    }
}
