package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// Whether at least one is true. bool. `a [...], b [...] → [...]`
public final class LogicalOr implements BinaryOp {

    public static final LogicalOr OP = new LogicalOr();

    private LogicalOr() {}

    @Override
    public String name() {
        return "logical_or";
    }

    @Override
    public double apply(double a, double b) {
        return a != 0 || b != 0 ? 1 : 0;
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
            return a.max(b);
        }
    }
}
