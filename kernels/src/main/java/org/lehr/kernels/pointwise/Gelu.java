package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.ErrorFunction;
import org.lehr.kernels.lanes.VectorMath;

/// x·Φ(x) = ½x(1 + erf(x/√2)) (Hendrycks, Gimpel 2016). `x [...] → [...]`
public final class Gelu implements UnaryOp {

    public static final Gelu OP = new Gelu();

    private Gelu() {}

    @Override
    public String name() {
        return "gelu";
    }

    @Override
    public double apply(double x) {
        return 0.5 * x * ErrorFunction.erfc(-x / Math.sqrt(2));
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return VectorMath.normal(x).mul(x);
        }
    }
}
