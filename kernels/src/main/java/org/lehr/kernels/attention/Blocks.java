package org.lehr.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Bfloat16Kernel;

/// Moves blocks of rows between views of float32 or bfloat16 and float32 scratch. Scratch rows are padded with zeros to
/// a whole number of vectors, and blocks to a whole number of tiles, so that no loop over them has a tail. Places in
/// scratch are in floats.
final class Blocks {

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
    private static final int LINE = 16;

    private Blocks() {}

    static int roundUp(int n, int multiple) {
        return (n + multiple - 1) / multiple * multiple;
    }

    /// Floats of a padded row of `width` values.
    static int padded(int width) {
        return roundUp(width, Math.max(Tile.ROWS, Tile.lanes()));
    }

    /// A row length of at least `width`, a whole and odd number of cache lines: what stands in one column then falls into
    /// different sets of the cache.
    static int skewed(int width) {
        int lines = (width + LINE - 1) / LINE;
        return (lines | 1) * LINE;
    }

    /// Reads `rows` rows from element `from` of the view on, `step` elements apart, to scratch rows of length `length`;
    /// rows up to `paddedRows` become zero.
    static void load(
            View view, long from, long step, int rows, int width, MemorySegment m, long to, int length, int paddedRows) {
        MemorySegment source = view.storage().segment();
        for (int r = 0; r < rows; r++) {
            loadRow(source, view.dtype(), from + r * step, width, m, to + (long) r * length);
            zero(m, to + (long) r * length + width, length - width);
        }
        zero(m, to + (long) rows * length, (long) (paddedRows - rows) * length);
    }

    private static void loadRow(MemorySegment source, DType dtype, long from, int width, MemorySegment m, long to) {
        if (dtype == DType.FLOAT32) {
            MemorySegment.copy(source, 4 * from, m, 4 * to, 4L * width);
        } else {
            Bfloat16Kernel.widen(source, 2 * from, m, 4 * to, width);
        }
    }

    /// Writes one row of scratch to element `to` of the view and those after it, rounded once.
    static void storeRow(MemorySegment m, long from, int width, View view, long to) {
        MemorySegment target = view.storage().segment();
        if (view.dtype() == DType.FLOAT32) {
            MemorySegment.copy(m, 4 * from, target, 4 * to, 4L * width);
        } else {
            Bfloat16Kernel.narrow(m, 4 * from, target, 2 * to, width);
        }
    }

    static void zero(MemorySegment m, long from, long floats) {
        if (floats > 0) {
            m.asSlice(4 * from, 4 * floats).fill((byte) 0);
        }
    }

    /// `to[c][r] = from[r][c]` for a block of `rows` (a multiple of 8) times `width`; rows of `to` are `toLength` apart.
    static void transpose(MemorySegment m, long from, int fromLength, int rows, int width, long to, int toLength) {
        for (int r = 0; r < rows; r += Tile.ROWS) {
            for (int c = 0; c < width; c++) {
                long p = from + (long) r * fromLength + c;
                long q = to + (long) c * toLength + r;
                for (int i = 0; i < Tile.ROWS; i++) {
                    m.setAtIndex(FLOAT, q + i, m.getAtIndex(FLOAT, p + (long) i * fromLength));
                }
            }
        }
    }
}
