package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// −y²·dy: the gradient of [Reciprocal], from its result y. `y [...], dy [...] → [...]`
public final class ReciprocalGrad implements BinaryOp {

    public static final ReciprocalGrad OP = new ReciprocalGrad();

    private ReciprocalGrad() {}

    @Override
    public String name() {
        return "reciprocal_grad";
    }

    @Override
    public double apply(double y, double dy) {
        return -y * y * dy;
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector y, FloatVector dy) {
            return y.mul(y).mul(dy).neg();
        }
    }
}
