package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.Species;

/// Whether it is false. bool. `x [...] → [...]`
public final class LogicalNot implements UnaryOp {

    public static final LogicalNot OP = new LogicalNot();

    private LogicalNot() {}

    @Override
    public String name() {
        return "logical_not";
    }

    @Override
    public double apply(double x) {
        return x != 0 ? 0 : 1;
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    @Override
    public Domain domain() {
        return Domain.LOGICAL;
    }

    private static final class Simd implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return FloatVector.broadcast(Species.F32, 1).sub(x);
        }
    }
}
