package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.lehr.kernels.lanes.Species;

/// −1, 0 or 1 by the sign of `x`; ±0 and NaN stay. `x [...] → [...]`
public final class Sign implements UnaryOp {

    public static final Sign OP = new Sign();

    private Sign() {}

    @Override
    public String name() {
        return "sign";
    }

    @Override
    public double apply(double x) {
        return Math.signum(x);
    }

    @Override
    public long applyLong(long x) {
        return Long.signum(x);
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
            FloatVector one = FloatVector.broadcast(Species.F32, 1);
            FloatVector unit = one.blend(-1, x.compare(VectorOperators.LT, 0));
            return x.blend(unit, x.abs().compare(VectorOperators.GT, 0));
        }
    }
}
