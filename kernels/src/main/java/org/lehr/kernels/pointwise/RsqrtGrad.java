package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// −½y³·dy: the gradient of [Rsqrt], from its result y. `y [...], dy [...] → [...]`
public final class RsqrtGrad implements BinaryOp {

    public static final RsqrtGrad OP = new RsqrtGrad();

    private RsqrtGrad() {}

    @Override
    public String name() {
        return "rsqrt_grad";
    }

    @Override
    public double apply(double y, double dy) {
        return -0.5 * y * y * y * dy;
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector y, FloatVector dy) {
            return y.mul(y).mul(y).mul(dy).mul(-0.5f);
        }
    }
}
