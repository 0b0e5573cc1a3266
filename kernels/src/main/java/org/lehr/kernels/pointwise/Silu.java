package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.VectorMath;

/// x·σ(x) (Elfwing, Uchibe, Doya 2017). `x [...] → [...]`
public final class Silu implements UnaryOp {

    public static final Silu OP = new Silu();

    private Silu() {}

    @Override
    public String name() {
        return "silu";
    }

    @Override
    public double apply(double x) {
        return x / (1 + Math.exp(-x));
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return x.div(VectorMath.exp(x.neg()).add(1));
        }
    }
}
