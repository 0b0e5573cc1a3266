package org.lehr.cuda.ptx;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The copies from global to shared memory that the threads of a warp started and did not wait for. They read when
/// they start and write when they are waited for, as late as they may.
final class AsyncCopies {

    /// Up to 16 bytes on their way to an offset of shared memory.
    record Copy(long to, byte[] bytes) {}

    private final Warp warp;
    private final List<Deque<List<Copy>>> groups = new ArrayList<>();
    private final List<List<Copy>> open = new ArrayList<>();

    AsyncCopies(Warp warp) {
        this.warp = warp;
        for (int lane = 0; lane < Warp.LANES; lane++) {
            groups.add(new ArrayDeque<>());
            open.add(new ArrayList<>());
        }
    }

    void clear() {
        groups.forEach(Deque::clear);
        open.forEach(List::clear);
    }

    void start(int lane, Copy copy) {
        warp.block().shared().promise(warp, lane, copy.to(), copy.bytes().length);
        open.get(lane).add(copy);
    }

    void commit(int lane) {
        groups.get(lane).add(List.copyOf(open.get(lane)));
        open.get(lane).clear();
    }

    /// Finishes all groups but the newest `left`.
    void await(int lane, int left) {
        Deque<List<Copy>> waiting = groups.get(lane);
        while (waiting.size() > left) {
            for (Copy copy : waiting.poll()) {
                finish(lane, copy);
            }
        }
    }

    private void finish(int lane, Copy copy) {
        for (int i = 0; i < copy.bytes().length; i++) {
            warp.block().shared().store(warp, lane, copy.to() + i, 1, copy.bytes()[i], false);
        }
    }
}
