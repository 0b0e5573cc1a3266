package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// x·factor + addend, rounded once. `x [...] → [...]`
///
/// @param factor multiplies every value
/// @param addend added after that
public record Affine(double factor, double addend) implements UnaryOp {

    @Override
    public String name() {
        return "affine";
    }

    @Override
    public double apply(double x) {
        return Math.fma(x, factor, addend);
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd((float) factor, (float) addend);
    }

    private record Simd(float factor, float addend) implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return x.fma(factor, addend);
        }
    }
}
