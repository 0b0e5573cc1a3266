package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.VectorMath;

/// σ(x) = 1/(1 + e⁻ˣ). `x [...] → [...]`
public final class Sigmoid implements UnaryOp {

    public static final Sigmoid OP = new Sigmoid();

    private Sigmoid() {}

    @Override
    public String name() {
        return "sigmoid";
    }

    @Override
    public double apply(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return VectorMath.sigmoid(x);
        }
    }
}
