package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.lehr.kernels.lanes.Species;

/// xᵖ with one exponent for all. `x [...] → [...]`
///
/// Exponents −2 to 4 in steps of one and ±½ are products, roots and quotients; others go through float64.
///
/// @param exponent the power
public record PowScalar(double exponent) implements UnaryOp {

    @Override
    public String name() {
        return "pow_scalar";
    }

    @Override
    public double apply(double x) {
        return Math.pow(x, exponent);
    }

    @Override
    public UnaryLanes lanes() {
        boolean simple = exponent == Math.rint(exponent) && exponent >= -2 && exponent <= 4;
        return simple ? new Whole((int) exponent) : Math.abs(exponent) == 0.5 ? new Root(exponent < 0) : null;
    }

    private record Whole(int exponent) implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            FloatVector one = FloatVector.broadcast(Species.F32, 1);
            return switch (exponent) {
                case -2 -> one.div(x.mul(x));
                case -1 -> one.div(x);
                case 0 -> one;
                case 1 -> x;
                case 2 -> x.mul(x);
                case 3 -> x.mul(x).mul(x);
                default -> x.mul(x).mul(x.mul(x));
            };
        }
    }

    private record Root(boolean inverse) implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            // √(−0) is −0 and √(−∞) NaN, but powers are +0 and +∞
            FloatVector root = x.add(0)
                    .sqrt()
                    .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY));
            return inverse ? FloatVector.broadcast(Species.F32, 1).div(root) : root;
        }
    }
}
