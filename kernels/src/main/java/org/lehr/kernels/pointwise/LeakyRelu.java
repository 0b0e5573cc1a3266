package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// x for x > 0, else slope·x (Maas, Hannun, Ng 2013). `x [...] → [...]`
///
/// @param slope factor of negative values
public record LeakyRelu(double slope) implements UnaryOp {

    @Override
    public String name() {
        return "leaky_relu";
    }

    @Override
    public double apply(double x) {
        return x > 0 ? x : slope * x;
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd((float) slope);
    }

    private record Simd(float slope) implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return x.mul(slope).blend(x, x.compare(VectorOperators.GT, 0));
        }
    }
}
