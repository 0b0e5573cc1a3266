package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.lehr.kernels.lanes.VectorMath;

/// x for x > 0, else alpha·(eˣ − 1) (Clevert, Unterthiner, Hochreiter 2015). `x [...] → [...]`
///
/// @param alpha minus the limit at −∞
public record Elu(double alpha) implements UnaryOp {

    @Override
    public String name() {
        return "elu";
    }

    @Override
    public double apply(double x) {
        return x > 0 ? x : alpha * Math.expm1(x);
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd((float) alpha);
    }

    private record Simd(float alpha) implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return VectorMath.expm1(x).mul(alpha).blend(x, x.compare(VectorOperators.GT, 0));
        }
    }
}
