package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// 2x·dy: the gradient of [Square]. `x [...], dy [...] → [...]`
public final class SquareGrad implements BinaryOp {

    public static final SquareGrad OP = new SquareGrad();

    private SquareGrad() {}

    @Override
    public String name() {
        return "square_grad";
    }

    @Override
    public double apply(double x, double dy) {
        return 2 * x * dy;
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector x, FloatVector dy) {
            return x.add(x).mul(dy);
        }
    }
}
