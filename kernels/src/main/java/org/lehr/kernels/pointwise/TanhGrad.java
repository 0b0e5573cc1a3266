package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// (1 − y²)·dy: the gradient of [Tanh], from its result y. `y [...], dy [...] → [...]`
public final class TanhGrad implements BinaryOp {

    public static final TanhGrad OP = new TanhGrad();

    private TanhGrad() {}

    @Override
    public String name() {
        return "tanh_grad";
    }

    @Override
    public double apply(double y, double dy) {
        return (1 - y * y) * dy;
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector y, FloatVector dy) {
            return y.mul(y).neg().add(1).mul(dy);
        }
    }
}
