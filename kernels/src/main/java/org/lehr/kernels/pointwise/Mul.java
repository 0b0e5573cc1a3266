package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// a·b. `a [...], b [...] → [...]`
public final class Mul implements BinaryOp {

    public static final Mul OP = new Mul();

    private Mul() {}

    @Override
    public String name() {
        return "mul";
    }

    @Override
    public double apply(double a, double b) {
        return a * b;
    }

    @Override
    public long applyLong(long a, long b) {
        return a * b;
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
            return a.mul(b);
        }
    }
}
