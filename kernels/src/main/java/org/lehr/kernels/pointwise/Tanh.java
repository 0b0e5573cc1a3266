package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.VectorMath;

/// (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ). `x [...] → [...]`
public final class Tanh implements UnaryOp {

    public static final Tanh OP = new Tanh();

    private Tanh() {}

    @Override
    public String name() {
        return "tanh";
    }

    @Override
    public double apply(double x) {
        return Math.tanh(x);
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return VectorMath.tanh(x);
        }
    }
}
