package org.lehr.cuda.ptx;

import java.util.function.DoubleUnaryOperator;
import java.util.function.LongUnaryOperator;

/// float32 rounded to the nearest, which is Java's own.
record Float32Arithmetic() implements Arithmetic {

    private static float real(long bits) {
        return Float.intBitsToFloat((int) bits);
    }

    private static long bits(float x) {
        return x != x ? Format.NAN : Float.floatToRawIntBits(x) & 0xffffffffL;
    }

    @Override
    public double decode(long bits) {
        return real(bits);
    }

    @Override
    public long sum(long a, long b) {
        return bits(real(a) + real(b));
    }

    @Override
    public long difference(long a, long b) {
        return bits(real(a) - real(b));
    }

    @Override
    public long product(long a, long b) {
        return bits(real(a) * real(b));
    }

    @Override
    public long quotient(long a, long b) {
        return bits(real(a) / real(b));
    }

    @Override
    public long fused(long a, long b, long c) {
        return bits(Math.fma(real(a), real(b), real(c)));
    }

    @Override
    public long root(long a) {
        return bits((float) Math.sqrt(real(a)));
    }

    @Override
    public long flush(long a) {
        return a;
    }

    @Override
    public LongUnaryOperator of(DoubleUnaryOperator function) {
        return a -> bits((float) function.applyAsDouble(real(a)));
    }

    @Override
    public long nan() {
        return Format.NAN;
    }
}
