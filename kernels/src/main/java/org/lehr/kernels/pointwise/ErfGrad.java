package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.VectorMath;

/// (2/√π)·e^(−x²)·dy: the gradient of [Erf]. `x [...], dy [...] → [...]`
public final class ErfGrad implements BinaryOp {

    public static final ErfGrad OP = new ErfGrad();

    private static final double FACTOR = 2 / Math.sqrt(Math.PI);

    private ErfGrad() {}

    @Override
    public String name() {
        return "erf_grad";
    }

    @Override
    public double apply(double x, double dy) {
        return FACTOR * Math.exp(-x * x) * dy;
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector x, FloatVector dy) {
            return VectorMath.exp(x.mul(x).neg()).mul((float) FACTOR).mul(dy);
        }
    }
}
