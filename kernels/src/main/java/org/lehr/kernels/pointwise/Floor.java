package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.lehr.kernels.lanes.VectorMath;

/// The largest integer ≤ x. `x [...] → [...]`
public final class Floor implements UnaryOp {

    public static final Floor OP = new Floor();

    private Floor() {}

    @Override
    public String name() {
        return "floor";
    }

    @Override
    public double apply(double x) {
        return Math.floor(x);
    }

    @Override
    public long applyLong(long x) {
        return x;
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    @Override
    public Domain domain() {
        return Domain.NUMERIC;
    }

    private static final class Simd implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            FloatVector nearest = VectorMath.nearest(x);
            return nearest.blend(nearest.sub(1), nearest.compare(VectorOperators.GT, x));
        }
    }
}
