package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.Species;

/// 1/x. `x [...] → [...]`
public final class Reciprocal implements UnaryOp {

    public static final Reciprocal OP = new Reciprocal();

    private Reciprocal() {}

    @Override
    public String name() {
        return "reciprocal";
    }

    @Override
    public double apply(double x) {
        return 1 / x;
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return FloatVector.broadcast(Species.F32, 1).div(x);
        }
    }
}
