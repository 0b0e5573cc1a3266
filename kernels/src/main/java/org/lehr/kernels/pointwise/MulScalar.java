package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// x·factor. For integers the factor is cut to an integer. `x [...] → [...]`
///
/// @param factor multiplies every value
public record MulScalar(double factor) implements UnaryOp {

    @Override
    public String name() {
        return "mul_scalar";
    }

    @Override
    public double apply(double x) {
        return x * factor;
    }

    @Override
    public long applyLong(long x) {
        return x * (long) factor;
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd((float) factor);
    }

    @Override
    public Domain domain() {
        return Domain.NUMERIC;
    }

    private record Simd(float factor) implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return x.mul(factor);
        }
    }
}
