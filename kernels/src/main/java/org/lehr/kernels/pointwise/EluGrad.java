package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.lehr.kernels.lanes.VectorMath;

/// dy where x > 0, else alpha·eˣ·dy: the gradient of [Elu]. `x [...], dy [...] → [...]`
///
/// @param alpha minus the limit at −∞
public record EluGrad(double alpha) implements BinaryOp {

    @Override
    public String name() {
        return "elu_grad";
    }

    @Override
    public double apply(double x, double dy) {
        return x > 0 ? dy : alpha * Math.exp(x) * dy;
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd((float) alpha);
    }

    private record Simd(float alpha) implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector x, FloatVector dy) {
            return VectorMath.exp(x).mul(alpha).mul(dy).blend(dy, x.compare(VectorOperators.GT, 0));
        }
    }
}
