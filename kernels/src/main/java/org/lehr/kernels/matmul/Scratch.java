package org.lehr.kernels.matmul;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Working memory of one thread, kept for its life and returned with it: about half a megabyte, and one and a half more
/// once it has multiplied bfloat16 numbers.
final class Scratch {

    /// Rows of the left matrix that are packed at a time; a multiple of every tile's rows.
    static final int ROWS = 96;

    /// Elements of a row of the left matrix that are worked on at a time. With it the panel of the right matrix
    /// (128 KB at most) and 96 rows of the left one stay in the second-level cache, from where both are read as
    /// fast
    /// as they are multiplied; the longer it is, the less often a result is read again to be added to.
    static final int DEPTH = 512;

    /// Rows of a left matrix that is read where it stands that are worked on at a time, for a stack of them.
    static final int MOST_ROWS = 512;

    private static final int TILE_BYTES = 8192;
    private static final int WIDEST_TILE_BYTES = 256;
    private static final int WIDEST_VECTOR_BYTES = 64;
    private static final ThreadLocal<Scratch> MINE = ThreadLocal.withInitial(Scratch::new);

    /// Packed rows of the left matrix.
    final MemorySegment left;

    /// One packed panel of the right matrix.
    final MemorySegment right;

    /// One panel of the right matrix that is one vector wide, its rows in pairs.
    final MemorySegment pairs;

    /// One tile of the result.
    final MemorySegment tile;

    private MemorySegment wideRows;
    private MemorySegment wideLines;

    private Scratch() {
        Arena arena = Arena.ofAuto();
        left = arena.allocate(DEPTH * LeftRows.pitch(Double.BYTES), 64);
        right = arena.allocate((long) DEPTH * WIDEST_TILE_BYTES, 64);
        pairs = arena.allocate((long) DEPTH * WIDEST_VECTOR_BYTES, 64);
        tile = arena.allocate(TILE_BYTES, 64);
    }

    /// Widened rows of a left matrix of bfloat16.
    MemorySegment wideRows() {
        if (wideRows == null) {
            wideRows = Arena.ofAuto().allocate(MOST_ROWS * Widening.pitch(DEPTH), 64);
        }
        return wideRows;
    }

    /// Widened rows or columns of a right matrix of bfloat16 on their way into a panel or a product.
    MemorySegment wideLines() {
        if (wideLines == null) {
            long panel = ROWS * Widening.pitch(DEPTH);
            wideLines = Arena.ofAuto().allocate(Math.max(panel, VectorProduct.wideBytes()), 64);
        }
        return wideLines;
    }

    static Scratch mine() {
        return MINE.get();
    }
}
