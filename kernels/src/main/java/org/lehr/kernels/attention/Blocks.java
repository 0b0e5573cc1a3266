package org.lehr.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Bfloat16Kernel;
import org.lehr.kernels.convert.Strided;

/// Moves blocks of rows between views of float32 or bfloat16 and float32 scratch. Scratch rows are padded with zeros to
/// a whole number of vectors, and blocks to a whole number of tiles, so that no loop over them has a tail. Places in
/// scratch are in floats.
final class Blocks {

    private static final int LINE = 16;

    private Blocks() {}

    static int roundUp(int n, int multiple) {
        return (n + multiple - 1) / multiple * multiple;
    }

    /// Floats of a padded row of `width` values.
    static int padded(int width) {
        return roundUp(width, Math.max(Tile.ROWS, Tile.lanes()));
    }

    /// A row length of at least `width`, a whole and odd number of cache lines: what stands in one column then
    /// falls into
    /// different sets of the cache.
    static int skewed(int width) {
        int lines = (width + LINE - 1) / LINE;
        return (lines | 1) * LINE;
    }

    /// Reads `rows` rows from element `from` of the view on, `step` elements apart, to scratch rows of length
    /// `length`;
    /// rows up to `paddedRows` become zero.
    static void load(
            View view,
            long from,
            long step,
            int rows,
            int width,
            MemorySegment m,
            long to,
            int length,
            int paddedRows) {
        MemorySegment source = view.storage().segment();
        for (int r = 0; r < rows; r++) {
            loadRow(source, view.dtype(), from + r * step, width, m, to + (long) r * length);
            zero(m, to + (long) r * length + width, length - width);
        }
        zero(m, to + (long) rows * length, (long) (paddedRows - rows) * length);
    }

    private static void loadRow(MemorySegment source, DType dtype, long from, int width, MemorySegment m, long to) {
        if (dtype == DType.FLOAT32) {
            Strided.copy(4, source, 4 * from, m, 4 * to, width);
        } else {
            Bfloat16Kernel.widen(source, 2 * from, m, 4 * to, width);
        }
    }

    /// Writes one row of scratch to element `to` of the view and those after it, rounded once.
    static void storeRow(MemorySegment m, long from, int width, View view, long to) {
        MemorySegment target = view.storage().segment();
        if (view.dtype() == DType.FLOAT32) {
            Strided.copy(4, m, 4 * from, target, 4 * to, width);
        } else {
            Bfloat16Kernel.narrow(m, 4 * from, target, 2 * to, width);
        }
    }

    static void zero(MemorySegment m, long from, long floats) {
        if (floats > 0) {
            m.asSlice(4 * from, 4 * floats).fill((byte) 0);
        }
    }

    /// `to[c][r] = from[r][c]` for a block of `rows` times `width`, both rounded up to a multiple of 4; rows of
    /// `to` are
    /// `toLength` apart.
    static void transpose(MemorySegment m, long from, int fromLength, int rows, int width, long to, int toLength) {
        Simd.transpose(m, 4 * from, 4L * fromLength, rows, width, 4 * to, 4L * toLength);
    }

    private static final class Simd {
        /// Four lanes on every machine: what is turned is 4 x 4.
        private static final VectorSpecies<Float> FOUR = VectorSpecies.of(float.class, VectorShape.S_128_BIT);

        private static final VectorShuffle<Float> NEIGHBOURS = VectorShuffle.fromValues(FOUR, 1, 0, 3, 2);
        private static final VectorShuffle<Float> HALVES = VectorShuffle.fromValues(FOUR, 2, 3, 0, 1);
        private static final VectorMask<Float> ODD = VectorMask.fromLong(FOUR, 0b1010);
        private static final VectorMask<Float> UPPER = VectorMask.fromLong(FOUR, 0b1100);
        private static final ByteOrder N = ByteOrder.nativeOrder();

        /// Exchanges the off-diagonal elements of each 2 x 2, then the off-diagonal 2 x 2 of each 4 x 4.
        private static void transpose(
                MemorySegment m, long from, long fromRow, int rows, int width, long to, long toRow) {
            for (int r = 0; r < rows; r += 4) {
                for (int c = 0; c < width; c += 4) {
                    long p = from + r * fromRow + 4L * c;
                    long q = to + c * toRow + 4L * r;
                    FloatVector w = FloatVector.fromMemorySegment(FOUR, m, p, N);
                    FloatVector x = FloatVector.fromMemorySegment(FOUR, m, p + fromRow, N);
                    FloatVector y = FloatVector.fromMemorySegment(FOUR, m, p + 2 * fromRow, N);
                    FloatVector z = FloatVector.fromMemorySegment(FOUR, m, p + 3 * fromRow, N);
                    FloatVector w2 = w.blend(x.rearrange(NEIGHBOURS), ODD);
                    FloatVector x2 = w.rearrange(NEIGHBOURS).blend(x, ODD);
                    FloatVector y2 = y.blend(z.rearrange(NEIGHBOURS), ODD);
                    FloatVector z2 = y.rearrange(NEIGHBOURS).blend(z, ODD);
                    w2.blend(y2.rearrange(HALVES), UPPER).intoMemorySegment(m, q, N);
                    x2.blend(z2.rearrange(HALVES), UPPER).intoMemorySegment(m, q + toRow, N);
                    w2.rearrange(HALVES).blend(y2, UPPER).intoMemorySegment(m, q + 2 * toRow, N);
                    x2.rearrange(HALVES).blend(z2, UPPER).intoMemorySegment(m, q + 3 * toRow, N);
                }
            }
        }
    }
}
