package org.lehr.cuda.ptx;

import java.util.function.LongBinaryOperator;

/// `atom` and `red`: changes of memory that nobody comes in between of, lane after lane.
final class Atomics {

    private Atomics() {}

    static Instruction decode(Statement s, Frame f) {
        boolean returns = s.opcode().equals("atom");
        int first = returns ? 1 : 0;
        int to = returns ? f.write(s.operand(0), s) : -1;
        MemoryAccess.Place place = MemoryAccess.Place.of(s.operand(first), s, f);
        int value = f.read(s.operand(first + 1), s);
        boolean swaps = s.has("cas");
        int replacement = swaps ? f.read(s.operand(first + 2), s) : value;
        Type type = s.type();
        LongBinaryOperator change = swaps ? null : change(s, type);
        return (warp, lanes) -> {
            long[] r = warp.registers;
            for (int left = lanes; left != 0; left &= left - 1) {
                int lane = Integer.numberOfTrailingZeros(left);
                long address = place.address(warp, lane);
                place.checkAligned(warp, lane, address, type.bytes());
                long before = place.load(warp, lane, address, type.bytes(), true);
                long operand = r[value + lane];
                long after;
                if (swaps) {
                    boolean equal = type.extend(before) == type.extend(operand);
                    after = equal ? r[replacement + lane] : before;
                } else {
                    after = change.applyAsLong(before, operand);
                }
                place.store(warp, lane, address, type.bytes(), after, true);
                if (to >= 0) {
                    r[to + lane] = type.extend(before);
                }
            }
        };
    }

    private static LongBinaryOperator change(Statement s, Type type) {
        for (String word : s.words()) {
            switch (word) {
                case "add" -> {
                    return type.floating() ? sum(type) : (x, y) -> x + y;
                }
                case "min", "max" -> {
                    return extreme(type, word.equals("max"));
                }
                case "and" -> {
                    return (x, y) -> x & y;
                }
                case "or" -> {
                    return (x, y) -> x | y;
                }
                case "xor" -> {
                    return (x, y) -> x ^ y;
                }
                case "exch" -> {
                    return (x, y) -> y;
                }
                case "inc" -> {
                    return (x, y) -> Long.compareUnsigned(type.extend(x), type.extend(y)) >= 0 ? 0 : x + 1;
                }
                case "dec" -> {
                    return (x, y) ->
                            type.extend(x) == 0 || Long.compareUnsigned(type.extend(x), type.extend(y)) > 0 ? y : x - 1;
                }
                default -> {}
            }
        }
        throw s.unknown("changes memory in an unknown way");
    }

    private static LongBinaryOperator sum(Type type) {
        return switch (type) {
            case F64 -> new Float64Arithmetic(Rounding.NEAREST)::sum;
            case F32 -> new Float32Arithmetic()::sum;
            default -> {
                Arithmetic half = new NarrowArithmetic(Format.of(type), Rounding.NEAREST, false, false);
                yield type.bytes() == Short.BYTES
                        ? half::sum
                        : (x, y) ->
                                half.sum(x & 0xffff, y & 0xffff) | half.sum(x >>> 16 & 0xffff, y >>> 16 & 0xffff) << 16;
            }
        };
    }

    private static LongBinaryOperator extreme(Type type, boolean larger) {
        return (x, y) -> {
            long a = type.extend(x);
            long b = type.extend(y);
            int order = type.signed() ? Long.compare(a, b) : Long.compareUnsigned(a, b);
            return order > 0 == larger ? a : b;
        };
    }
}
