package org.lehr.cuda.ptx;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.function.LongUnaryOperator;

/// `cvt`: between all types, in all roundings.
final class Conversion {

    private static final double TWO_TO_63 = 0x1p63;

    private Conversion() {}

    static Instruction decode(Statement s, Frame f) {
        List<Type> types = s.types();
        int to = f.write(s.operand(0), s);
        int from = f.read(s.operand(1), s);
        Type target = types.getFirst();
        if (s.operands().size() == 3) {
            LongUnaryOperator half = toFloating(s, target, Type.F32);
            return new Lanewise.Of2(
                    to,
                    from,
                    f.read(s.operand(2), s),
                    (high, low) -> half.applyAsLong(high) << 16 | half.applyAsLong(low));
        }
        if (types.size() != 2) {
            throw s.unknown("expected two types");
        }
        Type source = types.getLast();
        if (source.floating()) {
            return new Lanewise.Of1(
                    to, from, target.floating() ? toFloating(s, target, source) : toWhole(s, target, source));
        }
        return new Lanewise.Of1(
                to, from, target.floating() ? fromWhole(s, target, source) : betweenWhole(s, target, source));
    }

    private static LongUnaryOperator betweenWhole(Statement s, Type target, Type source) {
        if (!s.has("sat")) {
            return x -> target.extend(source.extend(x));
        }
        BigInteger least =
                target.signed() ? BigInteger.ONE.shiftLeft(target.bits() - 1).negate() : BigInteger.ZERO;
        BigInteger most = BigInteger.ONE
                .shiftLeft(target.bits() - (target.signed() ? 1 : 0))
                .subtract(BigInteger.ONE);
        return x -> whole(source, x).max(least).min(most).longValue();
    }

    private static BigInteger whole(Type type, long bits) {
        long value = type.extend(bits);
        return type.signed() || value >= 0
                ? BigInteger.valueOf(value)
                : BigInteger.valueOf(value).add(BigInteger.ONE.shiftLeft(Long.SIZE));
    }

    /// Beyond the range the nearest end of it; NaN becomes 0, or the highest bit alone where 64 bits are involved.
    private static LongUnaryOperator toWhole(Statement s, Type target, Type source) {
        Arithmetic arithmetic = Arithmetic.of(s, source);
        Rounding rounding = s.rounding();
        long ofNan = source == Type.F64 || target.bits() == Long.SIZE ? 1L << target.bits() - 1 : 0;
        double limit = Math.scalb(1.0, target.bits() - (target.signed() ? 1 : 0));
        long most = target.signed() ? (1L << target.bits() - 1) - 1 : target.extend(-1);
        long least = target.signed() ? -most - 1 : 0;
        return bits -> {
            double x = rounding.whole(arithmetic.decode(s.has("ftz") ? arithmetic.flush(bits) : bits));
            if (Double.isNaN(x)) {
                return target.extend(ofNan);
            }
            if (x >= limit) {
                return most;
            }
            if (x <= least) {
                return least;
            }
            return x >= TWO_TO_63 ? (long) (x - TWO_TO_63) + Long.MIN_VALUE : (long) x;
        };
    }

    private static LongUnaryOperator fromWhole(Statement s, Type target, Type source) {
        Rounding rounding = s.rounding();
        if (target == Type.F64) {
            return bits -> {
                BigInteger exact = whole(source, bits);
                double nearest = exact.doubleValue();
                int error = rounding == Rounding.NEAREST ? 0 : new BigDecimal(exact).compareTo(new BigDecimal(nearest));
                return Double.doubleToRawLongBits(rounding.direct(nearest, error));
            };
        }
        Format format = Format.of(target);
        return bits -> {
            BigInteger exact = whole(source, bits);
            double nearest = exact.doubleValue();
            int error = exact.bitLength() <= 53 ? 0 : new BigDecimal(exact).compareTo(new BigDecimal(nearest));
            return format.encode(Format.odd(nearest, error), rounding);
        };
    }

    private static LongUnaryOperator toFloating(Statement s, Type target, Type source) {
        Rounding rounding = s.rounding();
        boolean integral = s.words().stream().anyMatch(w -> w.length() == 3 && w.startsWith("r") && w.endsWith("i"));
        boolean flushesIn = s.has("ftz") && source == Type.F32;
        boolean flushesOut = s.has("ftz") && target == Type.F32;
        boolean saturates = s.has("sat");
        boolean relu = s.has("relu");
        return bits -> {
            double x = source == Type.F64
                    ? Double.longBitsToDouble(bits)
                    : Format.of(source).decode(bits);
            x = flushesIn ? flush(x) : x;
            if (integral) {
                x = rounding.whole(x);
            }
            if (target != Type.F64) {
                x = Format.of(target).round(x, integral ? Rounding.NEAREST : rounding);
            }
            x = flushesOut ? flush(x) : x;
            if (saturates) {
                x = x > 0 ? Math.min(x, 1) : 0;
            }
            if (relu && x < 0) {
                x = 0;
            }
            return target == Type.F64
                    ? Double.doubleToLongBits(x)
                    : Format.of(target).encode(x, Rounding.NEAREST);
        };
    }

    private static double flush(double x) {
        return Math.abs(x) < Float.MIN_NORMAL ? Math.copySign(0.0, x) : x;
    }
}
