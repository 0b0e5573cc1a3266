package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// −x. `x [...] → [...]`
public final class Neg implements UnaryOp {

    public static final Neg OP = new Neg();

    private Neg() {}

    @Override
    public String name() {
        return "neg";
    }

    @Override
    public double apply(double x) {
        return -x;
    }

    @Override
    public long applyLong(long x) {
        return -x;
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
            return x.neg();
        }
    }
}
