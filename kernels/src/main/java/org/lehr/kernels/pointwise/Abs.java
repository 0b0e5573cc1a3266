package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// |x|. `x [...] → [...]`
public final class Abs implements UnaryOp {

    public static final Abs OP = new Abs();

    private Abs() {}

    @Override
    public String name() {
        return "abs";
    }

    @Override
    public double apply(double x) {
        return Math.abs(x);
    }

    @Override
    public long applyLong(long x) {
        return Math.abs(x);
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
            return x.abs();
        }
    }
}
