package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.VectorMath;

/// Sine of an angle in radians. `x [...] → [...]`
public final class Sin implements UnaryOp {

    public static final Sin OP = new Sin();

    private Sin() {}

    @Override
    public String name() {
        return "sin";
    }

    @Override
    public double apply(double x) {
        return Math.sin(x);
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return VectorMath.sin(x);
        }
    }
}
