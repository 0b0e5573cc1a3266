package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.VectorMath;

/// eˣ. `x [...] → [...]`
public final class Exp implements UnaryOp {

    public static final Exp OP = new Exp();

    private Exp() {}

    @Override
    public String name() {
        return "exp";
    }

    @Override
    public double apply(double x) {
        return Math.exp(x);
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return VectorMath.exp(x);
        }
    }
}
