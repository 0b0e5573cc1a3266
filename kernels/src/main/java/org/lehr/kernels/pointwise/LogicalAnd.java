package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// Whether both are true. bool. `a [...], b [...] → [...]`
public final class LogicalAnd implements BinaryOp {

    public static final LogicalAnd OP = new LogicalAnd();

    private LogicalAnd() {}

    @Override
    public String name() {
        return "logical_and";
    }

    @Override
    public double apply(double a, double b) {
        return a != 0 && b != 0 ? 1 : 0;
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd();
    }

    @Override
    public Domain domain() {
        return Domain.LOGICAL;
    }

    private static final class Simd implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector a, FloatVector b) {
            return a.mul(b);
        }
    }
}
