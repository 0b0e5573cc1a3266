package org.lehr.kernels.pointwise;

/// a − ⌊a / b⌋·b: the remainder with the sign of `b`, exact. `a [...], b [...] → [...]`
///
/// Dividing an integer by zero is an `ArithmeticException`; for floating numbers it gives NaN.
public final class Remainder implements BinaryOp {

    public static final Remainder OP = new Remainder();

    private Remainder() {}

    @Override
    public String name() {
        return "remainder";
    }

    @Override
    public double apply(double a, double b) {
        double rest = a % b;
        return rest != 0 && rest < 0 != b < 0 ? rest + b : rest;
    }

    @Override
    public long applyLong(long a, long b) {
        if (b == 0) {
            throw new ArithmeticException("remainder: integer " + a + " divided by zero");
        }
        return Math.floorMod(a, b);
    }

    @Override
    public Domain domain() {
        return Domain.NUMERIC;
    }
}
