package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.VectorMath;

/// σ(x)·dy: the gradient of [Softplus]. `x [...], dy [...] → [...]`
public final class SoftplusGrad implements BinaryOp {

    public static final SoftplusGrad OP = new SoftplusGrad();

    private SoftplusGrad() {}

    @Override
    public String name() {
        return "softplus_grad";
    }

    @Override
    public double apply(double x, double dy) {
        return dy / (1 + Math.exp(-x));
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector x, FloatVector dy) {
            return VectorMath.sigmoid(x).mul(dy);
        }
    }
}
