package org.lehr.bench.harness;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.lehr.kernels.parallel.Workers;

/// How many bytes a second a copy reads and writes: what shares of bandwidth refer to. Caches make small copies
/// faster, so the copy touches as much memory as the work that is held against it.
final class CopyPeak {

    private static final long PATIENCE_NANOS = 150_000_000;
    private static final long PIECE = 1 << 16;
    private static final long LARGEST = 1L << 28;

    private CopyPeak() {}

    /// On all threads of [Workers#current], for about 0.15 seconds.
    static double measure(double bytesTouched) {
        long half = Math.max(64, (long) Math.min(LARGEST, bytesTouched) / 2);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment from = arena.allocate(half, 64).fill((byte) 1);
            MemorySegment to = arena.allocate(half, 64).fill((byte) 2);
            double best = 0;
            long end = System.nanoTime() + PATIENCE_NANOS;
            while (System.nanoTime() < end) {
                int rounds = (int) Math.max(1, (1 << 20) / half);
                long began = System.nanoTime();
                for (int i = 0; i < rounds; i++) {
                    Workers.current().forRange(half, PIECE, (a, b) -> MemorySegment.copy(from, a, to, a, b - a));
                }
                best = Math.max(best, 2.0 * half * rounds / ((System.nanoTime() - began) * 1e-9));
            }
            return best;
        }
    }
}
