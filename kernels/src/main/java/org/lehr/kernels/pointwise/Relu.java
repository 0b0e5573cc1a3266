package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// max(x, 0); NaN stays. `x [...] → [...]`
public final class Relu implements UnaryOp {

    public static final Relu OP = new Relu();

    private Relu() {}

    @Override
    public String name() {
        return "relu";
    }

    @Override
    public double apply(double x) {
        return Math.max(x, 0);
    }

    @Override
    public long applyLong(long x) {
        return Math.max(x, 0);
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
            return x.max(0);
        }
    }
}
