package org.lehr.cuda.ptx;

import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/// Arithmetic of floating numbers: finds for each instruction its function over bits.
///
/// What PTX calls approximate (`ex2`, `lg2`, `sin`, `cos`, `tanh`, `rsqrt`, and `rcp`, `sqrt`, `div` with `approx`) is
/// computed in float64 by [StrictMath] and rounded once: nearer to the truth than any device.
final class FloatingArithmetic {

    private FloatingArithmetic() {}

    static Instruction decode(Statement s, Frame f) {
        Type type = s.type();
        int to = f.write(s.operand(0), s);
        int a = f.read(s.operand(1), s);
        return switch (s.operands().size()) {
            case 2 -> new Lanewise.Of1(to, a, paired(type, unary(s, type)));
            case 3 -> new Lanewise.Of2(to, a, f.read(s.operand(2), s), paired(type, binary(s, type)));
            case 4 -> {
                Lanewise.Ternary function = ternary(s, type);
                yield new Lanewise.Of3(to, a, f.read(s.operand(2), s), f.read(s.operand(3), s), paired(type, function));
            }
            default -> throw s.unknown("has too many operands");
        };
    }

    private static LongUnaryOperator unary(Statement s, Type type) {
        long sign = 1L << (type == Type.F64 ? 64 : type == Type.F32 ? 32 : 16) - 1;
        Arithmetic arithmetic = Arithmetic.of(s, type);
        return switch (s.opcode()) {
            case "neg" -> s.has("ftz") ? x -> arithmetic.flush(x) ^ sign : x -> x ^ sign;
            case "abs" -> s.has("ftz") ? x -> arithmetic.flush(x) & sign - 1 : x -> x & sign - 1;
            case "testp" -> test(s, type, arithmetic);
            case "rcp" -> reciprocal(s, type, arithmetic);
            case "sqrt" -> s.has("approx") ? arithmetic.of(StrictMath::sqrt) : arithmetic::root;
            default -> {
                DoubleUnaryOperator function = function(s);
                yield type == Type.F64 ? coarse(function) : arithmetic.of(function);
            }
        };
    }

    private static DoubleUnaryOperator function(Statement s) {
        return switch (s.opcode()) {
            case "rsqrt" -> x -> x == 0 ? Math.copySign(Double.POSITIVE_INFINITY, x) : 1 / StrictMath.sqrt(x);
            case "sin" -> StrictMath::sin;
            case "cos" -> StrictMath::cos;
            case "lg2" -> FloatingArithmetic::log2;
            case "ex2" -> x -> StrictMath.pow(2, x);
            case "tanh" -> StrictMath::tanh;
            default -> throw s.unknown("is unknown to this machine");
        };
    }

    /// Exact for powers of two.
    private static double log2(double x) {
        if (x > 0 && x < Double.POSITIVE_INFINITY) {
            int exponent = Math.getExponent(x);
            return exponent + StrictMath.log(Math.scalb(x, -exponent)) / StrictMath.log(2);
        }
        return StrictMath.log(x);
    }

    private static LongUnaryOperator reciprocal(Statement s, Type type, Arithmetic arithmetic) {
        if (s.has("approx")) {
            return type == Type.F64 ? coarse(x -> 1 / x) : arithmetic.of(x -> 1 / x);
        }
        long one = type == Type.F64 ? Double.doubleToRawLongBits(1) : Float.floatToRawIntBits(1);
        return x -> arithmetic.quotient(one, x);
    }

    /// Of float64, approximate functions read and give only the upper half of the bits.
    private static LongUnaryOperator coarse(DoubleUnaryOperator function) {
        long upper = 0xffffffff00000000L;
        return x -> {
            double result = function.applyAsDouble(flush(Double.longBitsToDouble(x & upper)));
            return Double.doubleToRawLongBits(flush(result)) & upper;
        };
    }

    private static double flush(double x) {
        return Math.abs(x) < Double.MIN_NORMAL ? Math.copySign(0.0, x) : x;
    }

    private static LongUnaryOperator test(Statement s, Type type, Arithmetic arithmetic) {
        double smallest = type == Type.F64 ? Double.MIN_NORMAL : Float.MIN_NORMAL;
        return bits -> {
            double x = arithmetic.decode(bits);
            boolean holds = switch (s.words().get(1)) {
                case "finite" -> Double.isFinite(x);
                case "infinite" -> Double.isInfinite(x);
                case "number" -> !Double.isNaN(x);
                case "notanumber" -> Double.isNaN(x);
                case "normal" -> Double.isFinite(x) && Math.abs(x) >= smallest;
                case "subnormal" -> x != 0 && Math.abs(x) < smallest;
                default -> throw s.unknown("tests for something unknown");
            };
            return holds ? 1 : 0;
        };
    }

    private static LongBinaryOperator binary(Statement s, Type type) {
        Arithmetic arithmetic = Arithmetic.of(s, type);
        return switch (s.opcode()) {
            case "add" -> arithmetic::sum;
            case "sub" -> arithmetic::difference;
            case "mul" -> arithmetic::product;
            case "div" -> arithmetic::quotient;
            case "min" -> (x, y) -> arithmetic.extreme(x, y, false, s.has("NaN"));
            case "max" -> (x, y) -> arithmetic.extreme(x, y, true, s.has("NaN"));
            case "copysign" -> {
                long sign = 1L << type.bits() - 1;
                yield (x, y) -> y & sign - 1 | x & sign;
            }
            default -> throw s.unknown("is unknown to this machine");
        };
    }

    private static Lanewise.Ternary ternary(Statement s, Type type) {
        Arithmetic arithmetic = Arithmetic.of(s, type);
        return switch (s.opcode()) {
            case "fma", "mad" -> {
                boolean relu = s.has("relu");
                yield (x, y, z) -> {
                    long result = arithmetic.fused(x, y, z);
                    return relu && arithmetic.decode(result) < 0 ? 0 : result;
                };
            }
            case "min", "max" -> {
                LongBinaryOperator two = binary(s, type);
                yield (x, y, z) -> two.applyAsLong(two.applyAsLong(x, y), z);
            }
            default -> throw s.unknown("is unknown to this machine");
        };
    }

    private static boolean isPair(Type type) {
        return type == Type.F16X2 || type == Type.BF16X2;
    }

    private static LongUnaryOperator paired(Type type, LongUnaryOperator one) {
        return isPair(type) ? x -> one.applyAsLong(x & 0xffff) | one.applyAsLong(x >>> 16 & 0xffff) << 16 : one;
    }

    private static LongBinaryOperator paired(Type type, LongBinaryOperator one) {
        return isPair(type)
                ? (x, y) -> one.applyAsLong(x & 0xffff, y & 0xffff)
                        | one.applyAsLong(x >>> 16 & 0xffff, y >>> 16 & 0xffff) << 16
                : one;
    }

    private static Lanewise.Ternary paired(Type type, Lanewise.Ternary one) {
        return isPair(type)
                ? (x, y, z) -> one.apply(x & 0xffff, y & 0xffff, z & 0xffff)
                        | one.apply(x >>> 16 & 0xffff, y >>> 16 & 0xffff, z >>> 16 & 0xffff) << 16
                : one;
    }
}
