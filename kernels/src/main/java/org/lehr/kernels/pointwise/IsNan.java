package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.lehr.kernels.DType;
import org.lehr.kernels.lanes.Species;

/// Whether it is NaN, as bool. `x [...] → [...]`
public final class IsNan implements UnaryOp {

    public static final IsNan OP = new IsNan();

    private IsNan() {}

    @Override
    public String name() {
        return "isnan";
    }

    @Override
    public double apply(double x) {
        return x != x ? 1 : 0;
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    @Override
    public DType resultType(DType... inputs) {
        domain().common(this, inputs);
        return DType.BOOL;
    }

    private static final class Simd implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return FloatVector.zero(Species.F32).blend(1, x.compare(VectorOperators.NE, x));
        }
    }
}
