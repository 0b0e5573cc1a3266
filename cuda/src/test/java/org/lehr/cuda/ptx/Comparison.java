package org.lehr.cuda.ptx;

import java.util.function.LongBinaryOperator;

/// Comparisons, and choices between two values.
final class Comparison {

    /// A question about two registers.
    @FunctionalInterface
    private interface Test {
        boolean holds(long a, long b);
    }

    private Comparison() {}

    static Instruction decode(Statement s, Frame f) {
        return switch (s.opcode()) {
            case "setp" -> setp(s, f);
            case "set" -> set(s, f);
            case "selp" -> selp(s, f);
            default -> slct(s, f);
        };
    }

    private static Test test(Statement s, Type type) {
        String comparison = s.words().get(1);
        if (type.floating()) {
            return type == Type.F16X2 || type == Type.BF16X2 ? unknown(s) : floating(s, comparison, type);
        }
        return switch (comparison) {
            case "eq" -> (a, b) -> type.extend(a) == type.extend(b);
            case "ne" -> (a, b) -> type.extend(a) != type.extend(b);
            case "lt", "lo" -> (a, b) -> compare(type, a, b) < 0;
            case "le", "ls" -> (a, b) -> compare(type, a, b) <= 0;
            case "gt", "hi" -> (a, b) -> compare(type, a, b) > 0;
            case "ge", "hs" -> (a, b) -> compare(type, a, b) >= 0;
            default -> unknown(s);
        };
    }

    private static Test unknown(Statement s) {
        throw s.unknown("is a comparison that is unknown to this machine");
    }

    private static int compare(Type type, long a, long b) {
        long x = type.extend(a);
        long y = type.extend(b);
        return type.signed() ? Long.compare(x, y) : Long.compareUnsigned(x, y);
    }

    private static Test floating(Statement s, String comparison, Type type) {
        Arithmetic arithmetic = Arithmetic.of(s, type);
        boolean unordered = comparison.length() == 3 && comparison.endsWith("u");
        Test ordered = switch (unordered ? comparison.substring(0, 2) : comparison) {
            case "eq" -> (a, b) -> value(arithmetic, a) == value(arithmetic, b);
            case "ne" ->
                (a, b) -> value(arithmetic, a) < value(arithmetic, b) || value(arithmetic, a) > value(arithmetic, b);
            case "lt" -> (a, b) -> value(arithmetic, a) < value(arithmetic, b);
            case "le" -> (a, b) -> value(arithmetic, a) <= value(arithmetic, b);
            case "gt" -> (a, b) -> value(arithmetic, a) > value(arithmetic, b);
            case "ge" -> (a, b) -> value(arithmetic, a) >= value(arithmetic, b);
            case "num" -> (a, b) -> !isNaN(arithmetic, a, b);
            case "nan" -> (a, b) -> isNaN(arithmetic, a, b);
            default -> unknown(s);
        };
        return unordered ? (a, b) -> isNaN(arithmetic, a, b) || ordered.holds(a, b) : ordered;
    }

    private static double value(Arithmetic arithmetic, long bits) {
        return arithmetic.decode(arithmetic.flush(bits));
    }

    private static boolean isNaN(Arithmetic arithmetic, long a, long b) {
        return Double.isNaN(arithmetic.decode(a)) || Double.isNaN(arithmetic.decode(b));
    }

    /// What `and`, `or`, `xor` do with a comparison and a further predicate; the comparison alone without one.
    private static LongBinaryOperator combination(Statement s) {
        boolean more = s.operands().size() == 4;
        if (!more) {
            return (holds, other) -> holds;
        }
        return switch (s.words().get(2)) {
            case "and" -> (holds, other) -> holds & other;
            case "or" -> (holds, other) -> holds | other;
            case "xor" -> (holds, other) -> holds ^ other;
            default -> throw s.unknown("combines predicates in an unknown way");
        };
    }

    private static Instruction setp(Statement s, Frame f) {
        Test test = test(s, s.type());
        LongBinaryOperator combination = combination(s);
        boolean more = s.operands().size() == 4;
        boolean inverted = more && s.operand(3) instanceof Operand.Not;
        int other = more ? f.predicate(s.operand(3), s) : f.read(s.operand(1), s);
        boolean two = s.operand(0) instanceof Operand.Both;
        int to = f.write(two ? ((Operand.Both) s.operand(0)).first() : s.operand(0), s);
        int opposite = two ? f.write(((Operand.Both) s.operand(0)).second(), s) : -1;
        int a = f.read(s.operand(1), s);
        int b = f.read(s.operand(2), s);
        return (warp, lanes) -> {
            long[] r = warp.registers;
            for (int left = lanes; left != 0; left &= left - 1) {
                int lane = Integer.numberOfTrailingZeros(left);
                long holds = test.holds(r[a + lane], r[b + lane]) ? 1 : 0;
                long with = r[other + lane] & 1 ^ (inverted ? 1 : 0);
                r[to + lane] = combination.applyAsLong(holds, with);
                if (two) {
                    r[opposite + lane] = combination.applyAsLong(holds ^ 1, with);
                }
            }
        };
    }

    /// `set.lt.f32.s32`: all bits, or 1.0, where it holds.
    private static Instruction set(Statement s, Frame f) {
        Test test = test(s, s.type());
        if (s.operands().size() != 3) {
            throw s.unknown("set with a further predicate is unknown to this machine");
        }
        long yes = s.types().getFirst() == Type.F32 ? Float.floatToRawIntBits(1) : 0xffffffffL;
        return new Lanewise.Of2(
                f.write(s.operand(0), s),
                f.read(s.operand(1), s),
                f.read(s.operand(2), s),
                (a, b) -> test.holds(a, b) ? yes : 0);
    }

    private static Instruction selp(Statement s, Frame f) {
        boolean inverted = s.operand(3) instanceof Operand.Not;
        return new Lanewise.Of3(
                f.write(s.operand(0), s),
                f.read(s.operand(1), s),
                f.read(s.operand(2), s),
                f.predicate(s.operand(3), s),
                (a, b, p) -> (p & 1) == 1 != inverted ? a : b);
    }

    private static Instruction slct(Statement s, Frame f) {
        Type type = s.type();
        Arithmetic arithmetic = Arithmetic.of(s, Type.F32);
        return new Lanewise.Of3(
                f.write(s.operand(0), s),
                f.read(s.operand(1), s),
                f.read(s.operand(2), s),
                f.read(s.operand(3), s),
                type == Type.F32
                        ? (a, b, c) -> value(arithmetic, c) >= 0 ? a : b
                        : (a, b, c) -> Type.S32.extend(c) >= 0 ? a : b);
    }
}
