package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// y(1 − y)·dy: the gradient of [Sigmoid], from its result y. `y [...], dy [...] → [...]`
public final class SigmoidGrad implements BinaryOp {

    public static final SigmoidGrad OP = new SigmoidGrad();

    private SigmoidGrad() {}

    @Override
    public String name() {
        return "sigmoid_grad";
    }

    @Override
    public double apply(double y, double dy) {
        return y * (1 - y) * dy;
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector y, FloatVector dy) {
            return y.mul(y.neg().add(1)).mul(dy);
        }
    }
}
