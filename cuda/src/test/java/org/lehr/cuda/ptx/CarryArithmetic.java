package org.lehr.cuda.ptx;

/// Sums over several registers: instructions that leave a carry, with `cc`, and such that take it up, named with a
/// `c` at their end. Each thread has one carry.
final class CarryArithmetic {

    private CarryArithmetic() {}

    /// Whether an instruction is one of them.
    static boolean matches(Statement s) {
        return s.has("cc")
                || s.opcode().equals("addc")
                || s.opcode().equals("subc")
                || s.opcode().equals("madc");
    }

    static Instruction decode(Statement s, Frame f) {
        Type type = s.type().bits() == Long.SIZE ? Type.U64 : Type.U32;
        boolean takes = s.opcode().endsWith("c");
        boolean leaves = s.has("cc");
        boolean subtracts = s.opcode().startsWith("sub");
        boolean multiplies = s.opcode().startsWith("mad");
        boolean high = s.has("hi");
        int to = f.write(s.operand(0), s);
        int a = f.read(s.operand(1), s);
        int b = f.read(s.operand(2), s);
        int c = multiplies ? f.read(s.operand(3), s) : b;
        int carry = f.carry();
        return (warp, lanes) -> {
            long[] r = warp.registers;
            for (int left = lanes; left != 0; left &= left - 1) {
                int lane = Integer.numberOfTrailingZeros(left);
                long x = type.extend(r[a + lane]);
                long y = type.extend(r[c + lane]);
                if (multiplies) {
                    x = product(type, x, type.extend(r[b + lane]), high);
                }
                long in = takes ? r[carry + lane] : 0;
                long result = type.extend(subtracts ? x - y - in : x + y + in);
                r[to + lane] = result;
                if (leaves) {
                    int order = subtracts ? Long.compareUnsigned(x, y) : Long.compareUnsigned(result, x);
                    r[carry + lane] = order < 0 || order == 0 && in == 1 ? 1 : 0;
                }
            }
        };
    }

    private static long product(Type type, long x, long y, boolean high) {
        if (!high) {
            return type.extend(x * y);
        }
        return type == Type.U64 ? Math.unsignedMultiplyHigh(x, y) : x * y >>> Integer.SIZE;
    }
}
