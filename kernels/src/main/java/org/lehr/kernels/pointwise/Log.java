package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.VectorMath;

/// ln x; −∞ at 0, NaN below. `x [...] → [...]`
public final class Log implements UnaryOp {

    public static final Log OP = new Log();

    private Log() {}

    @Override
    public String name() {
        return "log";
    }

    @Override
    public double apply(double x) {
        return Math.log(x);
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return VectorMath.log(x);
        }
    }
}
