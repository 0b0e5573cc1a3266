package org.lehr.cuda.ptx;

/// Floating formats of at most 24 bits of precision, which are computed with as float64.
///
/// A float64 that stands for an exact result in between two float64s has its last bit set ([#odd]): then rounding it
/// once more gives what rounding the exact result would have given (Boldo and Melquiond, "Emulation of a FMA and
/// correctly rounded sums: proved algorithms using rounding to odd", 2008).
enum Format {
    F16(11, 15),
    BF16(8, 127),
    TF32(11, 127),
    F32(24, 127);

    /// What float32 operations make of every NaN.
    static final int NAN = 0x7fffffff;

    private static final int NAN16 = 0x7fff;

    private final int precision;
    private final int largestExponent;

    Format(int precision, int largestExponent) {
        this.precision = precision;
        this.largestExponent = largestExponent;
    }

    static Format of(Type type) {
        return switch (type) {
            case F16, F16X2 -> F16;
            case BF16, BF16X2 -> BF16;
            case TF32 -> TF32;
            default -> F32;
        };
    }

    /// The number of this format next to `x`, as a float64.
    double round(double x, Rounding mode) {
        if (x == 0 || Double.isNaN(x) || Double.isInfinite(x)) {
            return x;
        }
        int exponent = Math.max(Math.getExponent(x), 1 - largestExponent) - precision + 1;
        double rounded = Math.scalb(mode.whole(Math.scalb(x, -exponent)), exponent);
        double largest = Math.scalb(2 - Math.scalb(1.0, 1 - precision), largestExponent);
        if (Math.abs(rounded) > largest) {
            return Math.copySign(mode.staysFinite(x < 0) ? largest : Double.POSITIVE_INFINITY, x);
        }
        return Math.copySign(rounded, x);
    }

    /// The bits of `x`, rounded.
    long encode(double x, Rounding mode) {
        if (Double.isNaN(x)) {
            return this == F16 || this == BF16 ? NAN16 : NAN;
        }
        float rounded = (float) round(x, mode);
        return switch (this) {
            case F16 -> Float.floatToFloat16(rounded) & 0xffffL;
            case BF16 -> Float.floatToRawIntBits(rounded) >>> 16;
            case TF32, F32 -> Float.floatToRawIntBits(rounded) & 0xffffffffL;
        };
    }

    double decode(long bits) {
        return switch (this) {
            case F16 -> Float.float16ToFloat((short) bits);
            case BF16 -> Float.intBitsToFloat((int) bits << 16);
            case TF32 -> Float.intBitsToFloat((int) bits & 0xffffe000);
            case F32 -> Float.intBitsToFloat((int) bits);
        };
    }

    /// `nearest`, with its last bit set if the exact result differs from it.
    ///
    /// @param error sign of what the exact result is larger by
    static double odd(double nearest, double error) {
        if (error == 0
                || Double.isNaN(error)
                || Double.isInfinite(nearest)
                || (Double.doubleToRawLongBits(nearest) & 1) == 1) {
            return nearest;
        }
        return error > 0 ? Math.nextUp(nearest) : Math.nextDown(nearest);
    }

    /// What `a + b` is larger by than `sum`, its float64 (Knuth's two-sum).
    static double errorOfSum(double a, double b, double sum) {
        double part = sum - a;
        return (a - (sum - part)) + (b - part);
    }
}
