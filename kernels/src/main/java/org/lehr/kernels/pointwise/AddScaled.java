package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.Species;

/// a + factor·b, rounded once. `a [...], b [...] → [...]`
///
/// @param factor multiplies the second input
public record AddScaled(double factor) implements BinaryOp {

    @Override
    public String name() {
        return "add_scaled";
    }

    @Override
    public double apply(double a, double b) {
        return Math.fma(factor, b, a);
    }

    @Override
    public BinaryLanes lanes() {
        return new Simd((float) factor);
    }

    private record Simd(float factor) implements BinaryLanes {

        @Override
        public FloatVector apply(FloatVector a, FloatVector b) {
            return b.fma(FloatVector.broadcast(Species.F32, factor), a);
        }
    }
}
