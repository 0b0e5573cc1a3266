package org.lehr.cuda.ptx;

import java.util.function.IntConsumer;

/// `cp.async` with its groups.
final class AsyncCopyInstructions {

    private AsyncCopyInstructions() {}

    static Instruction decode(Statement s, Frame f) {
        if (s.has("bulk") || s.has("mbarrier") || s.has("reduce") || !s.has("async")) {
            throw s.unknown("is unknown to this machine");
        }
        if (s.has("commit_group")) {
            return (warp, lanes) -> eachLane(lanes, lane -> warp.copies().commit(lane));
        }
        if (s.has("wait_all")) {
            return (warp, lanes) -> eachLane(lanes, lane -> {
                warp.copies().commit(lane);
                warp.copies().await(lane, 0);
            });
        }
        if (s.has("wait_group")) {
            int left = (int) f.constant(s.operand(0), s);
            return (warp, lanes) -> eachLane(lanes, lane -> warp.copies().await(lane, left));
        }
        return copy(s, f);
    }

    private static void eachLane(int lanes, IntConsumer action) {
        for (int left = lanes; left != 0; left &= left - 1) {
            action.accept(Integer.numberOfTrailingZeros(left));
        }
    }

    /// Bytes beyond those that the source has are zero.
    private static Instruction copy(Statement s, Frame f) {
        MemoryAccess.Place target = place(s.operand(0), Space.SHARED, s, f);
        MemoryAccess.Place source = place(s.operand(1), Space.GLOBAL, s, f);
        int bytes = (int) f.constant(s.operand(2), s);
        int given = s.operands().size() > 3 ? f.read(s.operand(3), s) : -1;
        return (warp, lanes) -> eachLane(lanes, lane -> {
            long to = target.address(warp, lane);
            long from = source.address(warp, lane);
            target.checkAligned(warp, lane, to, bytes);
            source.checkAligned(warp, lane, from, bytes);
            int count = given < 0 ? bytes : (int) Math.min(bytes, warp.registers[given + lane] & 0xffffffffL);
            byte[] copied = new byte[bytes];
            for (int i = 0; i < count; i++) {
                copied[i] = (byte) source.load(warp, lane, from + i, 1, false);
            }
            warp.copies().start(lane, new AsyncCopies.Copy(to, copied));
        });
    }

    private static MemoryAccess.Place place(Operand operand, Space space, Statement s, Frame f) {
        if (operand instanceof Operand.Address(Operand base, long offset)) {
            return new MemoryAccess.Place(space, f.read(base, s), offset);
        }
        throw s.unknown("expected an address in brackets");
    }
}
