package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// x². `x [...] → [...]`
public final class Square implements UnaryOp {

    public static final Square OP = new Square();

    private Square() {}

    @Override
    public String name() {
        return "square";
    }

    @Override
    public double apply(double x) {
        return x * x;
    }

    @Override
    public long applyLong(long x) {
        return x * x;
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
            return x.mul(x);
        }
    }
}
