package org.lehr.cuda.ptx;

import java.util.function.LongBinaryOperator;
import org.lehr.cuda.ptx.PtxFault.Kind;

/// Arithmetic of whole numbers.
final class IntegerArithmetic {

    private IntegerArithmetic() {}

    static Instruction decode(Statement s, Frame f) {
        Type type = s.type();
        int to = f.write(s.operand(0), s);
        int a = f.read(s.operand(1), s);
        return switch (s.opcode()) {
            case "abs" -> new Lanewise.Of1(to, a, x -> type.extend(Math.abs(type.extend(x))));
            case "neg" -> new Lanewise.Of1(to, a, x -> type.extend(-x));
            case "mad", "mad24", "sad", "dp4a", "dp2a" -> ternary(s, f, type);
            case "div", "rem" ->
                new Division(to, a, f.read(s.operand(2), s), type, s.opcode().equals("div"));
            case "add", "sub", "mul", "mul24", "min", "max" ->
                new Lanewise.Of2(to, a, f.read(s.operand(2), s), binary(s, type));
            default -> throw s.unknown("is unknown to this machine");
        };
    }

    private static LongBinaryOperator binary(Statement s, Type type) {
        boolean signed = type.signed();
        return switch (s.opcode()) {
            case "add" ->
                s.has("sat") ? (x, y) -> saturate(type.extend(x) + type.extend(y)) : (x, y) -> type.extend(x + y);
            case "sub" ->
                s.has("sat") ? (x, y) -> saturate(type.extend(x) - type.extend(y)) : (x, y) -> type.extend(x - y);
            case "min" ->
                signed
                        ? (x, y) -> Math.min(type.extend(x), type.extend(y))
                        : (x, y) -> Long.compareUnsigned(type.extend(x), type.extend(y)) < 0
                                ? type.extend(x)
                                : type.extend(y);
            case "max" ->
                signed
                        ? (x, y) -> Math.max(type.extend(x), type.extend(y))
                        : (x, y) -> Long.compareUnsigned(type.extend(x), type.extend(y)) > 0
                                ? type.extend(x)
                                : type.extend(y);
            default -> product(s, type);
        };
    }

    private static long saturate(long x) {
        return Math.clamp(x, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    /// Of `mul` and `mad`: the low half, the high half, or all of the product.
    private static LongBinaryOperator product(Statement s, Type type) {
        if (s.opcode().endsWith("24")) {
            int unused = Long.SIZE - 24;
            int shift = s.has("hi") ? 16 : 0;
            return type.signed()
                    ? (x, y) -> type.extend((x << unused >> unused) * (y << unused >> unused) >> shift)
                    : (x, y) -> type.extend((x << unused >>> unused) * (y << unused >>> unused) >> shift);
        }
        if (s.has("wide")) {
            return (x, y) -> type.extend(x) * type.extend(y);
        }
        if (!s.has("hi")) {
            return (x, y) -> type.extend(x * y);
        }
        if (type.bits() < Long.SIZE) {
            return (x, y) -> type.extend(type.extend(x) * type.extend(y) >> type.bits());
        }
        return type.signed() ? Math::multiplyHigh : Math::unsignedMultiplyHigh;
    }

    private static Instruction ternary(Statement s, Frame f, Type type) {
        int to = f.write(s.operand(0), s);
        int a = f.read(s.operand(1), s);
        int b = f.read(s.operand(2), s);
        int c = f.read(s.operand(3), s);
        return switch (s.opcode()) {
            case "sad" ->
                new Lanewise.Of3(to, a, b, c, (x, y, z) -> type.extend(z + Math.abs(type.extend(x) - type.extend(y))));
            case "dp4a" -> new Lanewise.Of3(to, a, b, c, dotOfBytes(s));
            case "dp2a" -> throw s.unknown("is unknown to this machine");
            default -> {
                if (s.has("sat")) {
                    throw s.unknown("is unknown to this machine");
                }
                LongBinaryOperator product = product(s, type);
                boolean wide = s.has("wide");
                yield new Lanewise.Of3(to, a, b, c, (x, y, z) -> {
                    long sum = product.applyAsLong(x, y) + z;
                    return wide ? sum : type.extend(sum);
                });
            }
        };
    }

    private static Lanewise.Ternary dotOfBytes(Statement s) {
        Type first = s.types().getFirst() == Type.S32 ? Type.S8 : Type.U8;
        Type second = s.types().getLast() == Type.S32 ? Type.S8 : Type.U8;
        return (x, y, z) -> {
            long sum = z;
            for (int i = 0; i < Integer.SIZE; i += Byte.SIZE) {
                sum += first.extend(x >>> i) * second.extend(y >>> i);
            }
            return (int) sum & 0xffffffffL;
        };
    }

    /// Quotients and remainders. A divisor of zero is a fault, as its result is unspecified.
    private record Division(int to, int a, int b, Type type, boolean quotient) implements Instruction {
        @Override
        public void execute(Warp warp, int lanes) {
            long[] r = warp.registers;
            for (int left = lanes; left != 0; left &= left - 1) {
                int lane = Integer.numberOfTrailingZeros(left);
                long x = type.extend(r[a + lane]);
                long y = type.extend(r[b + lane]);
                if (y == 0) {
                    throw warp.fault(Kind.DIVISION_BY_ZERO, lane, "divides " + x + " by 0");
                }
                long result;
                if (type.signed()) {
                    result = quotient ? x / y : x % y;
                } else {
                    result = quotient ? Long.divideUnsigned(x, y) : Long.remainderUnsigned(x, y);
                }
                r[to + lane] = type.extend(result);
            }
        }
    }
}
