package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.VectorMath;

/// ln(1 + eˣ) = max(x, 0) + ln(1 + e^(−|x|)). `x [...] → [...]`
public final class Softplus implements UnaryOp {

    public static final Softplus OP = new Softplus();

    private Softplus() {}

    @Override
    public String name() {
        return "softplus";
    }

    @Override
    public double apply(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return VectorMath.softplus(x);
        }
    }
}
