package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.lehr.kernels.lanes.ErrorFunction;
import org.lehr.kernels.lanes.Species;
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
            FloatVector mills = VectorMath.mills(x);
            FloatVector gauss = VectorMath.gauss(x);
            FloatVector tail = mills.mul(gauss);
            FloatVector distribution =
                    FloatVector.broadcast(Species.F32, 1).sub(tail).blend(tail, x.compare(VectorOperators.LT, 0));
            return x.fma(gauss.mul((float) FACTOR), distribution).mul(dy);
        }
    }
}
