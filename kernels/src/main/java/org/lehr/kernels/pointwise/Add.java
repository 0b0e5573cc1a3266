package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// a + b. `a [...], b [...] → [...]`
public final class Add implements BinaryOp {

    public static final Add OP = new Add();

    private Add() {}

    @Override
    public String name() {
        return "add";
    }

    @Override
    public double apply(double a, double b) {
        return a + b;
    }

    @Override
    public long applyLong(long a, long b) {
        return a + b;
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
            return a.add(b);
        }
    }
}
