package org.lehr.cuda.ptx;

import java.util.function.DoubleUnaryOperator;
import java.util.function.LongUnaryOperator;

/// The operations of one floating type on bits, with the rounding that an instruction asks for.
interface Arithmetic {

    static Arithmetic of(Statement s, Type type) {
        Rounding rounding = s.rounding();
        boolean plain = rounding == Rounding.NEAREST && !s.has("ftz") && !s.has("sat");
        if (type == Type.F64) {
            return new Float64Arithmetic(rounding);
        }
        if (type == Type.F32 && plain) {
            return new Float32Arithmetic();
        }
        return new NarrowArithmetic(Format.of(type), rounding, s.has("ftz"), s.has("sat"));
    }

    double decode(long bits);

    long sum(long a, long b);

    long difference(long a, long b);

    long product(long a, long b);

    long quotient(long a, long b);

    long fused(long a, long b, long c);

    long root(long a);

    /// Zero with its sign for a subnormal number.
    long flush(long a);

    /// A function that is computed in float64 and rounded once more.
    LongUnaryOperator of(DoubleUnaryOperator function);

    /// The smaller or the larger, where −0 is smaller than 0.
    ///
    /// @param propagate whether one NaN makes the result one; else two do
    default long extreme(long a, long b, boolean larger, boolean propagate) {
        double x = decode(flush(a));
        double y = decode(flush(b));
        if (Double.isNaN(x) || Double.isNaN(y)) {
            return propagate || Double.isNaN(x) && Double.isNaN(y) ? nan() : flush(Double.isNaN(x) ? b : a);
        }
        boolean first = larger ? Double.compare(x, y) >= 0 : Double.compare(x, y) <= 0;
        return flush(first ? a : b);
    }

    /// What operations make of NaN.
    long nan();
}
