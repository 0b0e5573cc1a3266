package org.lehr.kernels.pointwise;

/// aᵇ, computed in float64. `0⁰ = 1`; a negative `a` with a fractional `b` gives NaN. `a [...], b [...] → [...]`
///
/// For one exponent for all, [PowScalar] is faster.
public final class Pow implements BinaryOp {

    public static final Pow OP = new Pow();

    private Pow() {}

    @Override
    public String name() {
        return "pow";
    }

    @Override
    public double apply(double a, double b) {
        return Math.pow(a, b);
    }
}
