package org.lehr.bench.harness;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.function.LongSupplier;
import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.parallel.RangeTask;
import org.lehr.kernels.parallel.Workers;

/// How many bytes a second move between memory and the processor: what shares of bandwidth refer to. It is the best of
/// copying one block to another, comparing two, and changing one in place; which of them wins depends on the caches.
/// Small blocks are faster, so as much memory is touched as by the work that is held against it.
final class MemoryPeak {

    private static final long PATIENCE_NANOS = 120_000_000;
    private static final long PIECE = 1 << 16;
    private static final long LARGEST = 1L << 28;
    private static final long SMALLEST_TURN = 1 << 20;

    private MemoryPeak() {}

    /// On all threads of [Workers#current], for about a quarter of a second; bytes per second.
    static double measure(double bytesTouched) {
        long half = Math.max(64, (long) Math.min(LARGEST, bytesTouched) / 2);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment left = arena.allocate(half, 64).fill((byte) 1);
            MemorySegment right = arena.allocate(half, 64).fill((byte) 1);
            double copied = best(half, (from, to) -> MemorySegment.copy(left, from, right, from, to - from));
            double compared = best(half, (from, to) -> {
                if (MemorySegment.mismatch(left, from, to, right, from, to) >= 0) {
                    throw new IllegalStateException("memory peak: a copy differs from its original");
                }
            });
            double changed = best(half, (from, to) -> increment(left, from, to));
            return Math.max(changed, Math.max(copied, compared));
        }
    }

    private static void increment(MemorySegment block, long from, long to) {
        FloatVector one = FloatVector.broadcast(Species.F32, 1);
        long step = one.byteSize();
        for (long i = from; i <= to - step; i += step) {
            FloatVector.fromMemorySegment(Species.F32, block, i, ByteOrder.nativeOrder())
                    .add(one)
                    .intoMemorySegment(block, i, ByteOrder.nativeOrder());
        }
    }

    private static double best(long half, RangeTask pass) {
        Workers workers = Workers.current();
        int rounds = (int) Math.max(1, SMALLEST_TURN / half);
        LongSupplier turn = () -> {
            long began = System.nanoTime();
            for (int i = 0; i < rounds; i++) {
                workers.forRange(half, PIECE, pass);
            }
            return System.nanoTime() - began;
        };
        long end = System.nanoTime() + PATIENCE_NANOS;
        long least = turn.getAsLong();
        while (System.nanoTime() < end) {
            least = Math.min(least, turn.getAsLong());
        }
        return 2.0 * half * rounds / (least * 1e-9);
    }
}
