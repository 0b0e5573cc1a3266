package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// x, but at least `low` and at most `high`; NaN stays. Infinite bounds are none. `x [...] → [...]`
///
/// @param low the least result
/// @param high the greatest result, ≥ `low`
public record Clamp(double low, double high) implements UnaryOp {

    public Clamp {
        if (!(low <= high)) {
            throw new IllegalArgumentException("clamp: low " + low + " must be at most high " + high);
        }
    }

    @Override
    public String name() {
        return "clamp";
    }

    @Override
    public double apply(double x) {
        return Math.min(Math.max(x, low), high);
    }

    @Override
    public long applyLong(long x) {
        return Math.min(Math.max(x, (long) Math.ceil(low)), (long) Math.floor(high));
    }

    @Override
    public UnaryLanes lanes() {
        return new Simd((float) low, (float) high);
    }

    @Override
    public Domain domain() {
        return Domain.NUMERIC;
    }

    private record Simd(float low, float high) implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return x.max(low).min(high);
        }
    }
}
