package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// dy where x > 0, else slope·dy: the gradient of [LeakyRelu]. `x [...], dy [...] → [...]`
///
/// @param slope factor of negative values
public record LeakyReluGrad(double slope) implements BinaryOp {

    @Override
    public String name() {
        return "leaky_relu_grad";
    }

    @Override
    public double apply(double x, double dy) {
        return x > 0 ? dy : slope * dy;
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd((float) slope);
    }

    private record Simd(float slope) implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector x, FloatVector dy) {
            return dy.mul(slope).blend(dy, x.compare(VectorOperators.GT, 0));
        }
    }
}
