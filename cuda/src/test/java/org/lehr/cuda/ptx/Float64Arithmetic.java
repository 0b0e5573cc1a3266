package org.lehr.cuda.ptx;

import java.math.BigDecimal;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongUnaryOperator;

/// float64 in any rounding, as PTX has it: subnormal numbers are kept.
record Float64Arithmetic(Rounding rounding) implements Arithmetic {

    private static final long NAN = 0x7ff8000000000000L;

    private static double real(long bits) {
        return Double.longBitsToDouble(bits);
    }

    private static long bits(double x) {
        return x != x ? NAN : Double.doubleToRawLongBits(x);
    }

    @Override
    public double decode(long bits) {
        return real(bits);
    }

    @Override
    public long sum(long a, long b) {
        return fused(a, Double.doubleToRawLongBits(1), b);
    }

    @Override
    public long difference(long a, long b) {
        return fused(b, Double.doubleToRawLongBits(-1), a);
    }

    @Override
    public long product(long a, long b) {
        double product = real(a) * real(b);
        return bits(rounding == Rounding.NEAREST ? product : direct(product, real(a), real(b), 0));
    }

    @Override
    public long fused(long a, long b, long c) {
        double result = Math.fma(real(a), real(b), real(c));
        if (rounding == Rounding.NEAREST) {
            return bits(result);
        }
        boolean cancels = real(c) != 0 || 1 / (real(a) * real(b)) < 0 || 1 / real(c) < 0;
        if (result == 0 && rounding == Rounding.DOWN && cancels && real(a) * real(b) == -real(c)) {
            return bits(-0.0);
        }
        return bits(direct(result, real(a), real(b), real(c)));
    }

    /// `a · b + c`, which is `nearest` rounded to the nearest.
    private double direct(double nearest, double a, double b, double c) {
        if (!Double.isFinite(a) || !Double.isFinite(b) || !Double.isFinite(c)) {
            return nearest;
        }
        BigDecimal exact = new BigDecimal(a).multiply(new BigDecimal(b)).add(new BigDecimal(c));
        if (Double.isInfinite(nearest)) {
            return rounding.staysFinite(nearest < 0) ? Math.copySign(Double.MAX_VALUE, nearest) : nearest;
        }
        int error = exact.compareTo(new BigDecimal(nearest));
        return nearest == 0 && error != 0
                ? rounding == Rounding.UP && error > 0
                        ? Double.MIN_VALUE
                        : rounding == Rounding.DOWN && error < 0 ? -Double.MIN_VALUE : nearest
                : rounding.direct(nearest, error);
    }

    @Override
    public long quotient(long a, long b) {
        double x = real(a);
        double y = real(b);
        double quotient = x / y;
        if (rounding == Rounding.NEAREST || !Double.isFinite(quotient) || !Double.isFinite(y)) {
            return bits(quotient);
        }
        BigDecimal error = new BigDecimal(x).subtract(new BigDecimal(quotient).multiply(new BigDecimal(y)));
        return bits(rounding.direct(quotient, error.signum() * Math.signum(y)));
    }

    @Override
    public long root(long a) {
        double root = Math.sqrt(real(a));
        if (rounding == Rounding.NEAREST || !Double.isFinite(root)) {
            return bits(root);
        }
        BigDecimal error = new BigDecimal(real(a)).subtract(new BigDecimal(root).pow(2));
        return bits(rounding.direct(root, error.signum()));
    }

    @Override
    public long flush(long a) {
        return a;
    }

    @Override
    public LongUnaryOperator of(DoubleUnaryOperator function) {
        return a -> bits(function.applyAsDouble(real(a)));
    }

    @Override
    public long nan() {
        return NAN;
    }
}
