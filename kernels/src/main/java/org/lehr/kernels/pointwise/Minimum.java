package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// The smaller of two; NaN when either is NaN; −0 is smaller than +0. `a [...], b [...] → [...]`
public final class Minimum implements BinaryOp {

    public static final Minimum OP = new Minimum();

    private Minimum() {}

    @Override
    public String name() {
        return "minimum";
    }

    @Override
    public double apply(double a, double b) {
        return Math.min(a, b);
    }

    @Override
    public long applyLong(long a, long b) {
        return Math.min(a, b);
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd();
    }

    @Override
    public Domain domain() {
        return Domain.NUMERIC;
    }

    private static final class Simd implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector a, FloatVector b) {
            return a.min(b);
        }
    }
}
