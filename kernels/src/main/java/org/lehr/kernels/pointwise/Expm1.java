package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.VectorMath;

/// eˣ − 1, with all digits for small `x`. `x [...] → [...]`
public final class Expm1 implements UnaryOp {

    public static final Expm1 OP = new Expm1();

    private Expm1() {}

    @Override
    public String name() {
        return "expm1";
    }

    @Override
    public double apply(double x) {
        return Math.expm1(x);
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return VectorMath.expm1(x);
        }
    }
}
