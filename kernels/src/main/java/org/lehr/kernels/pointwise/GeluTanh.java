package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.VectorMath;

/// ½x(1 + tanh u) = x·σ(2u) with u = √(2/π)(x + 0.044715x³) (Hendrycks, Gimpel 2016). `x [...] → [...]`
public final class GeluTanh implements UnaryOp {

    public static final GeluTanh OP = new GeluTanh();

    static final double ROOT = Math.sqrt(2 / Math.PI);
    static final double CUBIC = 0.044715 * ROOT;

    private GeluTanh() {}

    @Override
    public String name() {
        return "gelu_tanh";
    }

    @Override
    public double apply(double x) {
        return x / (1 + Math.exp(-2 * u(x)));
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd();
    }

    /// `√(2/π)(x + 0.044715x³)`
    static double u(double x) {
        return x * (ROOT + CUBIC * x * x);
    }

    private static final class Simd implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            FloatVector square = x.mul(x);
            FloatVector exponent =
                    square.fma((float) (-2 * CUBIC), (float) (-2 * ROOT)).mul(x);
            return x.div(VectorMath.exp(exponent).add(1));
        }
    }
}
