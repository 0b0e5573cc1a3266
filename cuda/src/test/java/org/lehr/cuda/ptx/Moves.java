package org.lehr.cuda.ptx;

import java.util.function.LongUnaryOperator;

/// Moves between registers, in whole or in parts, and addresses between spaces.
final class Moves {

    private Moves() {}

    static Instruction decode(Statement s, Frame f) {
        return switch (s.opcode()) {
            case "cvta" -> new Lanewise.Of1(f.write(s.operand(0), s), f.read(s.operand(1), s), cvta(s));
            case "isspacep" -> isSpace(s, f);
            default -> move(s, f);
        };
    }

    private static Instruction move(Statement s, Frame f) {
        Type type = s.type();
        if (s.operand(1) instanceof Operand.Several) {
            return pack(f.write(s.operand(0), s), f.readAll(s.operand(1), s), type);
        }
        if (s.operand(0) instanceof Operand.Several) {
            return unpack(f.writeAll(s.operand(0), s), f.read(s.operand(1), s), type);
        }
        return new Lanewise.Of1(f.write(s.operand(0), s), f.read(s.operand(1), s), type::extend);
    }

    private static Instruction pack(int to, int[] parts, Type type) {
        int bits = type.bits() / parts.length;
        long mask = (1L << bits) - 1;
        return (warp, lanes) -> {
            long[] r = warp.registers;
            for (int left = lanes; left != 0; left &= left - 1) {
                int lane = Integer.numberOfTrailingZeros(left);
                long whole = 0;
                for (int i = 0; i < parts.length; i++) {
                    whole |= (r[parts[i] + lane] & mask) << i * bits;
                }
                r[to + lane] = whole;
            }
        };
    }

    private static Instruction unpack(int[] parts, int from, Type type) {
        int bits = type.bits() / parts.length;
        long mask = (1L << bits) - 1;
        return (warp, lanes) -> {
            long[] r = warp.registers;
            for (int left = lanes; left != 0; left &= left - 1) {
                int lane = Integer.numberOfTrailingZeros(left);
                long whole = r[from + lane];
                for (int i = 0; i < parts.length; i++) {
                    r[parts[i] + lane] = whole >>> i * bits & mask;
                }
            }
        };
    }

    /// The generic address for one of a space, or with `to` the other way.
    private static LongUnaryOperator cvta(Statement s) {
        long window = Space.of(s).window();
        return s.has("to") ? x -> x - window : x -> x + window;
    }

    private static Instruction isSpace(Statement s, Frame f) {
        Space space = Space.of(s);
        return new Lanewise.Of1(
                f.write(s.operand(0), s), f.read(s.operand(1), s), x -> Space.ofGeneric(x) == space ? 1 : 0);
    }
}
