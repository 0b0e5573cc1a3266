package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// √x; NaN below 0. `x [...] → [...]`
public final class Sqrt implements UnaryOp {

    public static final Sqrt OP = new Sqrt();

    private Sqrt() {}

    @Override
    public String name() {
        return "sqrt";
    }

    @Override
    public double apply(double x) {
        return Math.sqrt(x);
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return x.sqrt();
        }
    }
}
