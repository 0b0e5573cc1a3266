package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.VectorMath;

/// Cosine of an angle in radians. `x [...] → [...]`
public final class Cos implements UnaryOp {

    public static final Cos OP = new Cos();

    private Cos() {}

    @Override
    public String name() {
        return "cos";
    }

    @Override
    public double apply(double x) {
        return Math.cos(x);
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return VectorMath.cos(x);
        }
    }
}
