package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.ErrorFunction;
import org.lehr.kernels.lanes.VectorMath;

/// The error function (2/√π) ∫₀ˣ e^(−t²) dt. `x [...] → [...]`
public final class Erf implements UnaryOp {

    public static final Erf OP = new Erf();

    private Erf() {}

    @Override
    public String name() {
        return "erf";
    }

    @Override
    public double apply(double x) {
        return ErrorFunction.erf(x);
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return VectorMath.erf(x);
        }
    }
}
