package org.lehr.kernels.matmul;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Working memory of one thread, kept for its life and returned with it: about half a megabyte.
final class Scratch {

    /// Rows of the left matrix that are worked on at a time; a multiple of every tile's rows.
    static final int ROWS = 96;

    /// Bytes of one row of the left matrix that are worked on at a time.
    static final int DEPTH_BYTES = 2048;

    private static final int TILE_BYTES = 8192;
    private static final int WIDEST_TILE_BYTES = 128;
    private static final ThreadLocal<Scratch> MINE = ThreadLocal.withInitial(Scratch::new);

    /// Packed rows of the left matrix.
    final MemorySegment left;

    /// One packed panel of the right matrix.
    final MemorySegment right;

    /// One tile of the result.
    final MemorySegment tile;

    private Scratch() {
        Arena arena = Arena.ofAuto();
        left = arena.allocate((long) ROWS * (DEPTH_BYTES + LeftRows.GAP), 64);
        right = arena.allocate((long) DEPTH_BYTES / Float.BYTES * WIDEST_TILE_BYTES + Panels.SLACK, 64);
        tile = arena.allocate(TILE_BYTES, 64);
    }

    static Scratch mine() {
        return MINE.get();
    }

    /// How many elements of `bytes` bytes of a row are worked on at a time.
    static int depth(int bytes) {
        return DEPTH_BYTES / bytes;
    }
}
