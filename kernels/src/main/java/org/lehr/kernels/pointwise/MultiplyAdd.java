package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// a·b + c, rounded once. `a [...], b [...], c [...] → [...]`
public final class MultiplyAdd implements TernaryOp {

    public static final MultiplyAdd OP = new MultiplyAdd();

    private MultiplyAdd() {}

    @Override
    public String name() {
        return "multiply_add";
    }

    @Override
    public double apply(double a, double b, double c) {
        return Math.fma(a, b, c);
    }

    @Override
    public long applyLong(long a, long b, long c) {
        return a * b + c;
    }

    @Override
    public TernaryLanes lanes() {
        return new Simd();
    }

    @Override
    public Domain domain() {
        return Domain.NUMERIC;
    }

    private static final class Simd implements TernaryLanes {

        @Override
        public FloatVector apply(FloatVector a, FloatVector b, FloatVector c) {
            return a.fma(b, c);
        }
    }
}
