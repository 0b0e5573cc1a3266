package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// x + addend. For integers the addend is cut to an integer. `x [...] → [...]`
///
/// @param addend added to every value
public record AddScalar(double addend) implements UnaryOp {

    @Override
    public String name() {
        return "add_scalar";
    }

    @Override
    public double apply(double x) {
        return x + addend;
    }

    @Override
    public long applyLong(long x) {
        return x + (long) addend;
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd((float) addend);
    }

    @Override
    public Domain domain() {
        return Domain.NUMERIC;
    }

    private record Simd(float addend) implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return x.add(addend);
        }
    }
}
