package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// dy/(2y): the gradient of [Sqrt], from its result y. `y [...], dy [...] → [...]`
public final class SqrtGrad implements BinaryOp {

    public static final SqrtGrad OP = new SqrtGrad();

    private SqrtGrad() {}

    @Override
    public String name() {
        return "sqrt_grad";
    }

    @Override
    public double apply(double y, double dy) {
        return 0.5 * dy / y;
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector y, FloatVector dy) {
            return dy.mul(0.5f).div(y);
        }
    }
}
