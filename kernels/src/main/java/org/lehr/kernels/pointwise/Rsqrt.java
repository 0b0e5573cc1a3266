package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.Species;

/// 1/√x. `x [...] → [...]`
public final class Rsqrt implements UnaryOp {

    public static final Rsqrt OP = new Rsqrt();

    private Rsqrt() {}

    @Override
    public String name() {
        return "rsqrt";
    }

    @Override
    public double apply(double x) {
        return 1 / Math.sqrt(x);
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return FloatVector.broadcast(Species.F32, 1).div(x.sqrt());
        }
    }
}
