package org.lehr.cuda.ptx;

import java.util.function.LongBinaryOperator;
import org.lehr.cuda.ptx.PtxFault.Kind;

/// Exchange between the lanes of a warp.
final class LaneExchange {

    private LaneExchange() {}

    static Instruction decode(Statement s, Frame f) {
        if (!s.has("sync") && !s.opcode().equals("activemask")) {
            throw s.unknown("only the form with a mask of lanes is known");
        }
        return switch (s.opcode()) {
            case "activemask" -> activeMask(f.write(s.operand(0), s));
            case "shfl" -> shuffle(s, f);
            case "vote" -> vote(s, f);
            case "match" -> match(s, f);
            case "redux" -> reduction(s, f);
            default -> elect(s, f);
        };
    }

    private static void put(Warp warp, int register, int lanes, long value) {
        for (int left = lanes; left != 0; left &= left - 1) {
            warp.registers[register + Integer.numberOfTrailingZeros(left)] = value;
        }
    }

    private static Instruction activeMask(int to) {
        return (warp, lanes) -> put(warp, to, lanes, lanes & 0xffffffffL);
    }

    private static Instruction shuffle(Statement s, Frame f) {
        boolean tells = s.operand(0) instanceof Operand.Both;
        int to = f.write(tells ? ((Operand.Both) s.operand(0)).first() : s.operand(0), s);
        int inRange = tells ? f.write(((Operand.Both) s.operand(0)).second(), s) : -1;
        int value = f.read(s.operand(1), s);
        int step = f.read(s.operand(2), s);
        int bounds = f.read(s.operand(3), s);
        String mode = s.words().get(2);
        return new Together(f.read(s.operand(4), s), (warp, lanes) -> {
            long[] r = warp.registers;
            long[] results = new long[Warp.LANES];
            for (int left = lanes; left != 0; left &= left - 1) {
                int lane = Integer.numberOfTrailingZeros(left);
                int by = (int) r[step + lane] & 31;
                int clamp = (int) r[bounds + lane] & 31;
                int segment = (int) r[bounds + lane] >>> 8 & 31;
                int last = lane & segment | clamp & ~segment;
                int source = switch (mode) {
                    case "up" -> lane - by;
                    case "down" -> lane + by;
                    case "bfly" -> lane ^ by;
                    default -> lane & segment | by & ~segment;
                };
                boolean within = mode.equals("up") ? source >= last : source <= last;
                int from = within ? source : lane;
                if ((lanes >>> from & 1) == 0) {
                    throw warp.fault(Kind.LANES, lane, "reads from lane " + from + ", which does not take part");
                }
                results[lane] = r[value + from] & 0xffffffffL;
                if (tells) {
                    r[inRange + lane] = within ? 1 : 0;
                }
            }
            for (int left = lanes; left != 0; left &= left - 1) {
                int lane = Integer.numberOfTrailingZeros(left);
                r[to + lane] = results[lane];
            }
        });
    }

    private static Instruction vote(Statement s, Frame f) {
        int to = f.write(s.operand(0), s);
        boolean inverted = s.operand(1) instanceof Operand.Not;
        int predicate = f.predicate(s.operand(1), s);
        String mode = s.words().get(2);
        return new Together(f.read(s.operand(2), s), (warp, lanes) -> {
            int yes = votes(warp, predicate, inverted, lanes);
            long result = switch (mode) {
                case "ballot" -> yes & 0xffffffffL;
                case "any" -> yes != 0 ? 1 : 0;
                case "all" -> yes == lanes ? 1 : 0;
                case "uni" -> yes == lanes || yes == 0 ? 1 : 0;
                default -> throw s.unknown("is an unknown vote");
            };
            put(warp, to, lanes, result);
        });
    }

    /// Those of the lanes whose predicate is true.
    static int votes(Warp warp, int predicate, boolean inverted, int lanes) {
        int yes = 0;
        for (int left = lanes; left != 0; left &= left - 1) {
            int lane = Integer.numberOfTrailingZeros(left);
            if ((warp.registers[predicate + lane] & 1) == 1 != inverted) {
                yes |= 1 << lane;
            }
        }
        return yes;
    }

    private static Instruction match(Statement s, Frame f) {
        boolean all = s.has("all");
        boolean tells = s.operand(0) instanceof Operand.Both;
        int to = f.write(tells ? ((Operand.Both) s.operand(0)).first() : s.operand(0), s);
        int equal = tells ? f.write(((Operand.Both) s.operand(0)).second(), s) : -1;
        int value = f.read(s.operand(1), s);
        Type type = s.type();
        return new Together(f.read(s.operand(2), s), (warp, lanes) -> {
            long[] results = new long[Warp.LANES];
            for (int left = lanes; left != 0; left &= left - 1) {
                int lane = Integer.numberOfTrailingZeros(left);
                int same = same(warp, value, type, lane, lanes);
                results[lane] = (all && same != lanes ? 0 : same) & 0xffffffffL;
            }
            for (int left = lanes; left != 0; left &= left - 1) {
                int lane = Integer.numberOfTrailingZeros(left);
                warp.registers[to + lane] = results[lane];
                if (tells) {
                    warp.registers[equal + lane] = results[lane] == 0 ? 0 : 1;
                }
            }
        });
    }

    private static int same(Warp warp, int value, Type type, int lane, int lanes) {
        int same = 0;
        for (int left = lanes; left != 0; left &= left - 1) {
            int other = Integer.numberOfTrailingZeros(left);
            if (type.extend(warp.registers[value + other]) == type.extend(warp.registers[value + lane])) {
                same |= 1 << other;
            }
        }
        return same;
    }

    private static Instruction reduction(Statement s, Frame f) {
        int to = f.write(s.operand(0), s);
        int value = f.read(s.operand(1), s);
        Type type = s.type();
        if (type.floating()) {
            throw s.unknown("is unknown to this machine");
        }
        LongBinaryOperator function = switch (s.words().get(2)) {
            case "add" -> Long::sum;
            case "min" -> Math::min;
            case "max" -> Math::max;
            case "and" -> (x, y) -> x & y;
            case "or" -> (x, y) -> x | y;
            case "xor" -> (x, y) -> x ^ y;
            default -> throw s.unknown("is an unknown reduction");
        };
        return new Together(f.read(s.operand(2), s), (warp, lanes) -> {
            int first = Integer.numberOfTrailingZeros(lanes);
            long result = type.extend(warp.registers[value + first]);
            for (int left = lanes & lanes - 1; left != 0; left &= left - 1) {
                int lane = Integer.numberOfTrailingZeros(left);
                result = function.applyAsLong(result, type.extend(warp.registers[value + lane]));
            }
            put(warp, to, lanes, type.extend(result));
        });
    }

    private static Instruction elect(Statement s, Frame f) {
        Operand.Both results = s.operand(0) instanceof Operand.Both b ? b : null;
        if (results == null) {
            throw s.unknown("expected two results");
        }
        int leader = f.write(results.first(), s);
        int elected = f.write(results.second(), s);
        return new Together(f.read(s.operand(1), s), (warp, lanes) -> {
            int first = Integer.numberOfTrailingZeros(lanes);
            put(warp, leader, lanes, first);
            put(warp, elected, lanes, 0);
            warp.registers[elected + first] = 1;
        });
    }
}
