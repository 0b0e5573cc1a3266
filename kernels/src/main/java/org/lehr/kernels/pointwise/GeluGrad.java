package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.ErrorFunction;
import org.lehr.kernels.lanes.VectorMath;

/// (Φ(x) + x·φ(x))·dy with φ(x) = e^(−x²/2)/√(2π): the gradient of [Gelu]. `x [...], dy [...] → [...]`
public final class GeluGrad implements BinaryOp {

    public static final GeluGrad OP = new GeluGrad();

    private static final double FACTOR = 1 / Math.sqrt(2 * Math.PI);

    private GeluGrad() {}

    @Override
    public String name() {
        return "gelu_grad";
    }

    @Override
    public double apply(double x, double dy) {
        double density = FACTOR * Math.exp(-0.5 * x * x);
        return (0.5 * ErrorFunction.erfc(-x / Math.sqrt(2)) + x * density) * dy;
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd();
    }

    private static final class Simd implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector x, FloatVector dy) {
            FloatVector density = VectorMath.exp(x.mul(x).mul(-0.5f)).mul((float) FACTOR);
            return x.fma(density, VectorMath.normal(x)).mul(dy);
        }
    }
}
