package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// Whether exactly one is true. bool. `a [...], b [...] → [...]`
public final class LogicalXor implements BinaryOp {

    public static final LogicalXor OP = new LogicalXor();

    private LogicalXor() {}

    @Override
    public String name() {
        return "logical_xor";
    }

    @Override
    public double apply(double a, double b) {
        return a != b ? 1 : 0;
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
            return a.sub(b).abs();
        }
    }
}
