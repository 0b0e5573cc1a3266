package org.lehr.kernels.pointwise;

/// ⌊a / b⌋, towards −∞. `a [...], b [...] → [...]`
///
/// Dividing an integer by zero is an `ArithmeticException`.
public final class FloorDivide implements BinaryOp {

    public static final FloorDivide OP = new FloorDivide();

    private FloorDivide() {}

    @Override
    public String name() {
        return "floor_divide";
    }

    @Override
    public double apply(double a, double b) {
        return Math.floor(a / b);
    }

    @Override
    public long applyLong(long a, long b) {
        if (b == 0) {
            throw new ArithmeticException("floor_divide: integer " + a + " divided by zero");
        }
        return Math.floorDiv(a, b);
    }

    @Override
    public Domain domain() {
        return Domain.NUMERIC;
    }
}
