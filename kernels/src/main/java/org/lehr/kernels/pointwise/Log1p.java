package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.VectorMath;

/// ln(1 + x), with all digits for small `x`. `x [...] → [...]`
public final class Log1p implements UnaryOp {

    public static final Log1p OP = new Log1p();

    private Log1p() {}

    @Override
    public String name() {
        return "log1p";
    }

    @Override
    public double apply(double x) {
        return Math.log1p(x);
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return VectorMath.log1p(x);
        }
    }
}
