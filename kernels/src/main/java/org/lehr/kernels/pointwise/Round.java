package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.VectorMath;

/// The nearest integer, the even one of two. `x [...] → [...]`
public final class Round implements UnaryOp {

    public static final Round OP = new Round();

    private Round() {}

    @Override
    public String name() {
        return "round";
    }

    @Override
    public double apply(double x) {
        return Math.rint(x);
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
            return VectorMath.nearest(x);
        }
    }
}
