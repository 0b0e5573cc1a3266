package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.lehr.kernels.DType;
import org.lehr.kernels.lanes.Species;

/// Whether it is +∞ or −∞, as bool. `x [...] → [...]`
public final class IsInfinite implements UnaryOp {

    public static final IsInfinite OP = new IsInfinite();

    private IsInfinite() {}

    @Override
    public String name() {
        return "isinf";
    }

    @Override
    public double apply(double x) {
        return Double.isInfinite(x) ? 1 : 0;
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
            return FloatVector.zero(Species.F32).blend(1, x.abs().compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
        }
    }
}
