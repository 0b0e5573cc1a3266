package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// a + c·(b − a): from `a` to `b` by the weight `c`. `a [...], b [...], c [...] → [...]`
public final class Lerp implements TernaryOp {

    public static final Lerp OP = new Lerp();

    private Lerp() {}

    @Override
    public String name() {
        return "lerp";
    }

    @Override
    public double apply(double a, double b, double c) {
        return Math.fma(c, b - a, a);
    }

    @Override
    public TernaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements TernaryLanes {

        @Override
        public FloatVector apply(FloatVector a, FloatVector b, FloatVector c) {
            return c.fma(b.sub(a), a);
        }
    }
}
