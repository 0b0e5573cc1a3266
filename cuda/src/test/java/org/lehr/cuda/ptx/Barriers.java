package org.lehr.cuda.ptx;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import org.lehr.cuda.ptx.PtxFault.Kind;

/// The 16 barriers of a block.
final class Barriers {

    private static final int COUNT = 16;

    /// Lanes that wait.
    ///
    /// @param result takes how many of all threads brought a true predicate
    private record Waiter(Warp warp, int lanes, Statement at, IntConsumer result) {}

    private static final class Barrier {
        private final List<Waiter> waiters = new ArrayList<>();
        private final Set<Warp> participants = new LinkedHashSet<>();
        private int arrived;
        private int votes;
        private boolean counted;
        private int expected;
    }

    private final Block block;
    private final Barrier[] barriers = new Barrier[COUNT];

    Barriers(Block block) {
        this.block = block;
        clear();
    }

    void clear() {
        for (int i = 0; i < COUNT; i++) {
            barriers[i] = new Barrier();
        }
    }

    /// Lanes arrive at a barrier and, where `result` is not null, wait for it.
    ///
    /// @param threads how many threads take part, or -1 for all of the block
    /// @param votes the lanes whose predicate is true
    void arrive(Warp warp, int lanes, int name, int threads, int votes, IntConsumer result) {
        Statement at = block.launch().program().steps()[warp.step()].statement();
        int lane = Integer.numberOfTrailingZeros(lanes);
        if (name < 0 || name >= COUNT) {
            throw warp.fault(Kind.BARRIER, lane, "there is no barrier " + name);
        }
        Barrier barrier = barriers[name];
        checkAll(warp, lane, barrier, threads, at);
        barrier.counted = threads >= 0;
        barrier.expected = threads >= 0 ? threads : block.launch().threads().count();
        barrier.arrived += Integer.bitCount(lanes);
        barrier.votes += Integer.bitCount(votes);
        barrier.participants.add(warp);
        if (result != null) {
            barrier.waiters.add(new Waiter(warp, lanes, at, result));
            warp.halt(lanes);
        }
        if (barrier.arrived > barrier.expected) {
            throw warp.fault(Kind.BARRIER, lane, barrier.arrived + " threads at a barrier for " + barrier.expected);
        }
        if (barrier.arrived == barrier.expected) {
            pass(name);
        }
    }

    private void checkAll(Warp warp, int lane, Barrier barrier, int threads, Statement at) {
        if (threads >= 0) {
            return;
        }
        int exited = block.firstExited();
        if (exited >= 0) {
            throw warp.fault(Kind.BARRIER, lane, "waits for thread " + exited + ", which has ended");
        }
        for (Waiter waiter : barrier.waiters) {
            if (waiter.at().line() != at.line()) {
                throw warp.fault(
                        Kind.BARRIER,
                        lane,
                        "waits here, thread "
                                + waiter.warp().thread(Integer.numberOfTrailingZeros(waiter.lanes())) + " at line "
                                + waiter.at().line());
            }
        }
    }

    private void pass(int name) {
        Barrier barrier = barriers[name];
        barriers[name] = new Barrier();
        block.order();
        for (Warp warp : barrier.participants) {
            warp.open();
        }
        for (Waiter waiter : barrier.waiters) {
            waiter.warp().release(waiter.lanes());
            waiter.result().accept(barrier.votes);
        }
    }

    /// @throws PtxFault where a thread waits for all threads while these end
    void checkExit(Warp warp, int lanes) {
        for (Barrier barrier : barriers) {
            if (!barrier.counted && !barrier.waiters.isEmpty()) {
                Waiter waiter = barrier.waiters.getFirst();
                throw warp.fault(
                        Kind.BARRIER,
                        Integer.numberOfTrailingZeros(lanes),
                        "ends while thread " + waiter.warp().thread(Integer.numberOfTrailingZeros(waiter.lanes()))
                                + " waits for it at line " + waiter.at().line());
            }
        }
    }

    /// What is wrong where all threads wait.
    PtxFault stuck() {
        for (Barrier barrier : barriers) {
            for (Waiter waiter : barrier.waiters) {
                return block.fault(
                        Kind.BARRIER,
                        waiter.at(),
                        waiter.warp().thread(Integer.numberOfTrailingZeros(waiter.lanes())),
                        "waits for ever: " + barrier.arrived + " of " + barrier.expected + " threads came");
            }
        }
        throw new IllegalStateException("threads neither run nor wait");
    }
}
