package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.lehr.kernels.lanes.VectorMath;

/// The smallest integer ≥ x. `x [...] → [...]`
public final class Ceil implements UnaryOp {

    public static final Ceil OP = new Ceil();

    private Ceil() {}

    @Override
    public String name() {
        return "ceil";
    }

    @Override
    public double apply(double x) {
        return Math.ceil(x);
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
            // from −1 to 0 goes to −0, as x is negative there
            FloatVector above = nearest.neg().sub(1).neg();
            return nearest.blend(above, nearest.compare(VectorOperators.LT, x));
        }
    }
}
