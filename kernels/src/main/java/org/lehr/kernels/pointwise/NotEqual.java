package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.lehr.kernels.DType;
import org.lehr.kernels.lanes.Species;

/// Whether a ≠ b, as bool. NaN differs from everything, itself included. `a [...], b [...] → [...]`
public final class NotEqual implements BinaryOp {

    public static final NotEqual OP = new NotEqual();

    private NotEqual() {}

    @Override
    public String name() {
        return "ne";
    }

    @Override
    public double apply(double a, double b) {
        return a != b ? 1 : 0;
    }

    @Override
    public long applyLong(long a, long b) {
        return a != b ? 1 : 0;
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd();
    }

    @Override
    public Domain domain() {
        return Domain.ANY;
    }

    @Override
    public DType resultType(DType... inputs) {
        domain().common(this, inputs);
        return DType.BOOL;
    }

    private static final class Simd implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector a, FloatVector b) {
            return FloatVector.zero(Species.F32).blend(1, a.compare(VectorOperators.NE, b));
        }
    }
}
