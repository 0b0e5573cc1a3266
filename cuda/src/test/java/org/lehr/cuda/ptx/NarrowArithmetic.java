package org.lehr.cuda.ptx;

import java.util.function.DoubleUnaryOperator;
import java.util.function.LongUnaryOperator;

/// Arithmetic of at most 24 bits of precision in any rounding, by way of float64.
///
/// @param flushes whether subnormal numbers count as zero, before and after
/// @param saturates whether results are put between 0 and 1, and NaN to 0
record NarrowArithmetic(Format format, Rounding rounding, boolean flushes, boolean saturates) implements Arithmetic {

    @Override
    public double decode(long bits) {
        return format.decode(bits);
    }

    private double in(long bits) {
        return flushed(format.decode(bits));
    }

    private double flushed(double x) {
        return flushes && Math.abs(x) < Float.MIN_NORMAL ? Math.copySign(0.0, x) : x;
    }

    private long out(double exact) {
        double rounded = flushed(format.round(exact, rounding));
        if (saturates) {
            rounded = rounded > 0 ? Math.min(rounded, 1) : 0;
        }
        return format.encode(rounded, Rounding.NEAREST);
    }

    @Override
    public long sum(long a, long b) {
        return out(sum(in(a), in(b)));
    }

    @Override
    public long difference(long a, long b) {
        return out(sum(in(a), -in(b)));
    }

    private double sum(double a, double b) {
        double sum = a + b;
        if (sum == 0 && rounding == Rounding.DOWN && (1 / a < 0 || 1 / b < 0 || a != 0)) {
            return -0.0;
        }
        return Format.odd(sum, Format.errorOfSum(a, b, sum));
    }

    @Override
    public long product(long a, long b) {
        return out(in(a) * in(b));
    }

    @Override
    public long quotient(long a, long b) {
        double x = in(a);
        double y = in(b);
        double quotient = x / y;
        double error = Math.fma(-quotient, y, x) * Math.signum(y);
        return out(Format.odd(quotient, Double.isFinite(y) && quotient != 0 ? error : 0));
    }

    @Override
    public long fused(long a, long b, long c) {
        return out(sum(in(a) * in(b), in(c)));
    }

    @Override
    public long root(long a) {
        double x = in(a);
        double root = Math.sqrt(x);
        return out(Format.odd(root, Double.isFinite(root) ? Math.fma(-root, root, x) : 0));
    }

    @Override
    public long flush(long a) {
        return flushes ? format.encode(in(a), Rounding.NEAREST) : a;
    }

    @Override
    public LongUnaryOperator of(DoubleUnaryOperator function) {
        return a -> out(function.applyAsDouble(in(a)));
    }

    @Override
    public long nan() {
        return format.encode(Double.NaN, Rounding.NEAREST);
    }
}
