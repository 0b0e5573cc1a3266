package org.lehr.cuda.ptx;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Where each thread of a warp goes back to.
final class CallStack {

    /// @param step where the caller goes on
    /// @param results copies that bring the callee's results to the caller
    record Return(int step, List<Move> results) {}

    /// A copy within local memory.
    record Move(int to, int from, int bytes) {}

    private final List<Deque<Return>> lanes = new ArrayList<>();

    CallStack() {
        for (int lane = 0; lane < Warp.LANES; lane++) {
            lanes.add(new ArrayDeque<>());
        }
    }

    void clear() {
        lanes.forEach(Deque::clear);
    }

    void push(int lane, Return back) {
        lanes.get(lane).push(back);
    }

    /// @return null in the kernel itself
    Return pop(int lane) {
        return lanes.get(lane).poll();
    }
}
