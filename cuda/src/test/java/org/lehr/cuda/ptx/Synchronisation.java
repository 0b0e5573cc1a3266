package org.lehr.cuda.ptx;

import java.util.function.IntConsumer;

/// Barriers of blocks and warps, and fences.
final class Synchronisation {

    private Synchronisation() {}

    static Instruction decode(Statement s, Frame f) {
        return switch (s.opcode()) {
            case "bar", "barrier" -> s.has("warp") ? warpBarrier(s, f) : barrier(s, f);
            default -> fence(s);
        };
    }

    private static Instruction fence(Statement s) {
        boolean ofBlock = s.has("cta");
        return (warp, lanes) -> {
            if (!ofBlock) {
                warp.history().fence(warp.block().number());
                warp.open();
            }
        };
    }

    private static Instruction warpBarrier(Statement s, Frame f) {
        return new Together(f.read(s.operand(0), s), (warp, lanes) -> warp.order());
    }

    private static Instruction barrier(Statement s, Frame f) {
        boolean reduces = s.has("red");
        if (s.has("cluster") || !(reduces || s.has("sync") || s.has("arrive"))) {
            throw s.unknown("is unknown to this machine");
        }
        int results = reduces ? 1 : 0;
        int operands = s.operands().size() - results - (reduces ? 1 : 0);
        int to = reduces ? f.write(s.operand(0), s) : -1;
        int name = f.read(s.operand(results), s);
        int threads = operands == 2 ? f.read(s.operand(results + 1), s) : -1;
        Operand last = s.operands().getLast();
        int predicate = reduces ? f.predicate(last, s) : -1;
        boolean waits = !s.has("arrive");
        return new Steering((warp, lanes) -> {
            int first = Integer.numberOfTrailingZeros(lanes);
            int count = threads < 0 ? -1 : (int) warp.registers[threads + first];
            int yes = reduces ? LaneExchange.votes(warp, predicate, last instanceof Operand.Not, lanes) : 0;
            int expected = count < 0 ? warp.block().launch().threads().count() : count;
            IntConsumer result = votes -> {
                for (int left = reduces ? lanes : 0; left != 0; left &= left - 1) {
                    warp.registers[to + Integer.numberOfTrailingZeros(left)] =
                            s.has("popc") ? votes : s.has("or") ? votes > 0 ? 1 : 0 : votes == expected ? 1 : 0;
                }
            };
            warp.block()
                    .named()
                    .arrive(warp, lanes, (int) warp.registers[name + first], count, yes, waits ? result : null);
        });
    }
}
