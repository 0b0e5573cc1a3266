package org.lehr.cuda.ptx;

import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/// Operations on bits: logic, shifts, counts, fields.
final class Bits {

    private Bits() {}

    static Instruction decode(Statement s, Frame f) {
        return switch (s.opcode()) {
            case "not", "cnot", "popc", "clz", "brev", "bfind" ->
                new Lanewise.Of1(f.write(s.operand(0), s), f.read(s.operand(1), s), unary(s, s.type()));
            case "and", "or", "xor", "shl", "shr", "bmsk", "szext" ->
                new Lanewise.Of2(
                        f.write(s.operand(0), s),
                        f.predicate(s.operand(1), s),
                        f.predicate(s.operand(2), s),
                        binary(s, s.type()));
            case "shf", "bfe", "prmt" ->
                new Lanewise.Of3(
                        f.write(s.operand(0), s),
                        f.read(s.operand(1), s),
                        f.read(s.operand(2), s),
                        f.read(s.operand(3), s),
                        ternary(s, s.type()));
            case "lop3" -> logicOfThree(s, f);
            case "bfi" -> insertion(s, f);
            default -> throw s.unknown("is unknown to this machine");
        };
    }

    private static LongUnaryOperator unary(Statement s, Type type) {
        int bits = type.bits();
        return switch (s.opcode()) {
            case "not" -> x -> type.extend(~x);
            case "cnot" -> x -> type.extend(x) == 0 ? 1 : 0;
            case "popc" -> x -> Long.bitCount(type.extend(x));
            case "clz" -> x -> Long.numberOfLeadingZeros(type.extend(x)) - (Long.SIZE - bits);
            case "brev" -> x -> Long.reverse(x) >>> Long.SIZE - bits;
            default -> {
                boolean shift = s.has("shiftamt");
                yield x -> {
                    long value = type.extend(x);
                    long searched = type.signed() && value < 0 ? ~value : value;
                    int found = Long.SIZE - 1 - Long.numberOfLeadingZeros(searched);
                    return (found >= 0 && shift ? bits - 1 - found : found) & 0xffffffffL;
                };
            }
        };
    }

    private static LongBinaryOperator binary(Statement s, Type type) {
        int bits = type.bits();
        return switch (s.opcode()) {
            case "and" -> (x, y) -> type.extend(x & y);
            case "or" -> (x, y) -> type.extend(x | y);
            case "xor" -> (x, y) -> type.extend(x ^ y);
            case "shl" -> (x, y) -> (y & 0xffffffffL) >= bits ? 0 : type.extend(x << y);
            case "shr" -> {
                int most = type.signed() ? bits - 1 : bits;
                yield (x, y) -> {
                    long by = Math.min(y & 0xffffffffL, most);
                    return by == Long.SIZE ? 0 : type.signed() ? type.extend(x) >> by : type.extend(x) >>> by;
                };
            }
            default -> throw s.unknown("is unknown to this machine");
        };
    }

    private static Lanewise.Ternary ternary(Statement s, Type type) {
        int bits = type.bits();
        return switch (s.opcode()) {
            case "shf" -> {
                boolean wraps = s.has("wrap");
                boolean left = s.has("l");
                yield (x, y, z) -> {
                    long both = x & 0xffffffffL | y << Integer.SIZE;
                    int by = (int) (wraps ? z & 31 : Math.min(z & 0xffffffffL, 32));
                    return (left ? both << by >>> Integer.SIZE : both >>> by) & 0xffffffffL;
                };
            }
            case "bfe" ->
                (x, y, z) -> {
                    int from = (int) y & 0xff;
                    int length = (int) z & 0xff;
                    long value = type.extend(x);
                    if (length == 0) {
                        return 0;
                    }
                    int last = Math.min(from + length - 1, bits - 1);
                    boolean sign = type.signed() && (value >>> last & 1) == 1;
                    long field = from >= bits ? 0 : (type.signed() ? value & mask(bits) : value) >>> from;
                    int kept = from >= bits ? 0 : Math.min(length, bits - from);
                    return type.extend(field & mask(kept) | (sign ? ~mask(kept) : 0));
                };
            default -> permutation(s);
        };
    }

    private static long mask(int bits) {
        return bits >= Long.SIZE ? -1 : (1L << bits) - 1;
    }

    private static Lanewise.Ternary permutation(Statement s) {
        if (s.words().size() > 2) {
            throw s.unknown("modes of prmt are unknown to this machine");
        }
        return (x, y, z) -> {
            long bytes = x & 0xffffffffL | y << Integer.SIZE;
            long result = 0;
            for (int i = 0; i < Integer.BYTES; i++) {
                int selector = (int) (z >>> 4 * i) & 15;
                long chosen = bytes >>> 8 * (selector & 7) & 0xff;
                if ((selector & 8) != 0) {
                    chosen = (chosen & 0x80) != 0 ? 0xff : 0;
                }
                result |= chosen << 8 * i;
            }
            return result;
        };
    }

    private static Instruction logicOfThree(Statement s, Frame f) {
        int table = (int) f.constant(s.operand(4), s);
        return new Lanewise.Of3(
                f.write(s.operand(0), s),
                f.read(s.operand(1), s),
                f.read(s.operand(2), s),
                f.read(s.operand(3), s),
                (x, y, z) -> {
                    long result = 0;
                    for (int i = 0; i < 8; i++) {
                        if ((table >>> i & 1) == 1) {
                            result |= ((i & 4) == 0 ? ~x : x) & ((i & 2) == 0 ? ~y : y) & ((i & 1) == 0 ? ~z : z);
                        }
                    }
                    return result & 0xffffffffL;
                });
    }

    /// `bfi`: the low bits of one number at a place of another.
    private static Instruction insertion(Statement s, Frame f) {
        Type type = s.type();
        int to = f.write(s.operand(0), s);
        int field = f.read(s.operand(1), s);
        int base = f.read(s.operand(2), s);
        int place = f.read(s.operand(3), s);
        int length = f.read(s.operand(4), s);
        return (warp, lanes) -> {
            long[] r = warp.registers;
            for (int left = lanes; left != 0; left &= left - 1) {
                int lane = Integer.numberOfTrailingZeros(left);
                int from = (int) r[place + lane] & 0xff;
                long mask = from >= type.bits() ? 0 : mask((int) r[length + lane] & 0xff) << from;
                r[to + lane] = type.extend(r[base + lane] & ~mask | r[field + lane] << from & mask);
            }
        };
    }
}
