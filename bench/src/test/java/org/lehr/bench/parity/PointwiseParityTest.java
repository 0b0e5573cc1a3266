package org.lehr.bench.parity;

import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.tensor.op.Compare;
import org.lehr.engine.tensor.op.Erf;
import org.lehr.engine.tensor.op.Gelu;
import org.lehr.engine.tensor.op.Silu;
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
        return parity.tests();
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
