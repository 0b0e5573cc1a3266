package org.lehr.bench.parity;

import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Clamp;
import org.lehr.engine.tensor.op.Compare;
import org.lehr.engine.tensor.op.Cos;
import org.lehr.engine.tensor.op.Elu;
import org.lehr.engine.tensor.op.Erf;
import org.lehr.engine.tensor.op.Expm1;
import org.lehr.engine.tensor.op.Gelu;
import org.lehr.engine.tensor.op.LeakyRelu;
import org.lehr.engine.tensor.op.Log1p;
import org.lehr.engine.tensor.op.Maximum;
import org.lehr.engine.tensor.op.Minimum;
import org.lehr.engine.tensor.op.PiecewiseConstant;
import org.lehr.engine.tensor.op.Reciprocal;
import org.lehr.engine.tensor.op.Rsqrt;
import org.lehr.engine.tensor.op.Silu;
import org.lehr.engine.tensor.op.Sin;
import org.lehr.engine.tensor.op.Softplus;
import org.lehr.engine.tensor.op.Where;

/// Elementwise operations beside libtorch's.
@NeedsPeer
class PointwiseParityTest {

    private final Parity parity = new Parity();

    @TestFactory
    Stream<DynamicTest> unary() {
        unary("neg", x -> x[0].neg(), x -> x[0].neg());
        unary("exp", x -> x[0].exp(), x -> x[0].exp());
        unary(
                "log",
                x -> x[0].square().add(0.1).log(),
                x -> x[0].square().add(new Scalar(0.1)).log());
        unary(
                "sqrt",
                x -> x[0].square().add(0.1).sqrt(),
                x -> x[0].square().add(new Scalar(0.1)).sqrt());
        unary("square", x -> x[0].square(), x -> x[0].square());
        unary("tanh", x -> x[0].tanh(), x -> x[0].tanh());
        unary("sigmoid", x -> x[0].sigmoid(), x -> x[0].sigmoid());
        unary("relu", x -> x[0].relu(), x -> x[0].relu());
        unary("erf", x -> Erf.erf(x[0]), x -> x[0].erf());
        unary("silu", x -> Silu.silu(x[0]), x -> torch.silu(x[0]));
        unary("gelu", x -> Gelu.gelu(x[0]), x -> torch.gelu(x[0], "none"));
        unary("gelu_tanh", x -> Gelu.geluTanh(x[0]), x -> torch.gelu(x[0], "tanh"));
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> moreUnary() {
        unary("abs", x -> x[0].abs(), x -> x[0].abs());
        unary("sin", x -> Sin.sin(x[0]), x -> x[0].sin());
        unary("cos", x -> Cos.cos(x[0]), x -> x[0].cos());
        unary("expm1", x -> Expm1.expm1(x[0]), x -> x[0].expm1());
        unary("softplus", x -> Softplus.softplus(x[0]), x -> torch.softplus(x[0]));
        unary("clamp", x -> Clamp.clamp(x[0], -0.7, 0.9), x -> x[0].clamp(optional(-0.7), optional(0.9)));
        unary("elu", x -> Elu.elu(x[0], 1), x -> torch.elu(x[0]));
        unary("leaky_relu", x -> LeakyRelu.leakyRelu(x[0], 0.01), x -> torch.leaky_relu(x[0]));
        unary("floor", x -> PiecewiseConstant.floor(x[0]), x -> x[0].floor());
        unary("ceil", x -> PiecewiseConstant.ceil(x[0]), x -> x[0].ceil());
        unary("round", x -> PiecewiseConstant.round(x[0]), x -> x[0].round());
        positive("rsqrt", Rsqrt::rsqrt, x -> x.rsqrt());
        positive("log1p", Log1p::log1p, x -> x.log1p());
        positive("reciprocal", Reciprocal::reciprocal, x -> x.reciprocal());
        positive("pow", x -> x.pow(2.5), x -> x.pow(new Scalar(2.5)));
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> binary() {
        binary("add", x -> x[0].add(x[1]), x -> x[0].add(x[1]));
        binary("sub", x -> x[0].sub(x[1]), x -> x[0].sub(x[1]));
        binary("mul", x -> x[0].mul(x[1]), x -> x[0].mul(x[1]));
        binary(
                "div",
                x -> x[0].div(x[1].square().add(0.5)),
                x -> x[0].div(x[1].square().add(new Scalar(0.5))));
        binary("where", x -> Where.where(Compare.less(x[0], x[1]), x[0], x[1]), x -> x[0].where(x[0].lt(x[1]), x[1]));
        binary(
                "less",
                x -> Compare.less(x[0], x[1]).to(x[0].dtype()),
                x -> x[0].lt(x[1]).to(x[0].scalar_type()));
        binary("maximum", x -> Maximum.maximum(x[0], x[1]), x -> x[0].maximum(x[1]));
        binary("minimum", x -> Minimum.minimum(x[0], x[1]), x -> x[0].minimum(x[1]));
        return parity.tests();
    }

    /// An operation at arguments above 0.1.
    private void positive(String name, UnaryOperator<Tensor> ours, UnaryOperator<org.bytedeco.pytorch.Tensor> theirs) {
        for (long[] shape : new long[][] {{}, {0, 3}, {1}, {17, 31}, {2, 3, 5, 7}}) {
            parity.add(
                    name,
                    1,
                    x -> ours.apply(x[0].square().add(0.1)),
                    x -> theirs.apply(x[0].square().add(new Scalar(0.1))),
                    shape);
        }
    }

    private static ScalarOptional optional(double value) {
        return new ScalarOptional(new Scalar(value));
    }

    private void unary(String name, Parity.Ours ours, Parity.Theirs theirs) {
        for (long[] shape : new long[][] {{}, {0, 3}, {1}, {17, 31}, {2, 3, 5, 7}}) {
            parity.add(name, 1, ours, theirs, shape);
        }
        // The peer's float32 GELU gives NaN at infinity, where the limit is infinity.
        if (!name.equals("gelu")) {
            parity.special(name, ours, theirs);
        }
    }

    private void binary(String name, Parity.Ours ours, Parity.Theirs theirs) {
        parity.add(name, 17, ours, theirs, new long[] {17, 31}, new long[] {17, 31});
        parity.add(name, 17, ours, theirs, new long[] {17, 31}, new long[] {31});
        parity.add(name, 100, ours, theirs, new long[] {5, 1, 7}, new long[] {3, 1});
        parity.add(name, 1, ours, theirs, new long[] {0, 3}, new long[] {3});
        parity.add(name, 1, ours, theirs, new long[] {}, new long[] {1});
    }
}
