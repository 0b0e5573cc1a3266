package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// The larger of two; NaN when either is NaN; +0 is larger than −0. `a [...], b [...] → [...]`
public final class Maximum implements BinaryOp {

    public static final Maximum OP = new Maximum();

    private Maximum() {}

    @Override
    public String name() {
        return "maximum";
    }

    @Override
    public double apply(double a, double b) {
        return Math.max(a, b);
    }

    @Override
    public long applyLong(long a, long b) {
        return Math.max(a, b);
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
            return a.max(b);
        }
    }
}
