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
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.matmul.Matrix;

/// Moves blocks of rows between views of float32 or bfloat16 and float32 scratch, where they cannot be worked on in the
/// views themselves. Scratch rows are padded with zeros to a whole number of vectors, so that no loop over them has a
/// tail. Places in scratch are in floats.
final class Blocks {

    private static final int LINE = 16;

    /// Rows at a multiple of so many floats share few sets of the first-level cache.
    private static final int CROWDED = 512;

    private Blocks() {}

    static int roundUp(int n, int multiple) {
        return (n + multiple - 1) / multiple * multiple;
    }

    /// Floats of a padded row of `width` values.
    static int padded(int width) {
        return roundUp(width, Math.max(8, Tile.lanes()));
    }

    /// A row length of at least `width`, a whole and odd number of cache lines: what stands in one column then
    /// falls into
    /// different sets of the cache.
    static int skewed(int width) {
        int lines = (width + LINE - 1) / LINE;
        return (lines | 1) * LINE;
    }

    /// `count` rows from row `first` of head `(i, j)` on where they stand, if tiles and vectors can work on them
    /// there, or null: in float32, aligned, and not at distances at which they would displace each other in the
    /// cache.
    static Matrix standing(View view, long i, long j, int first, int count) {
        int width = (int) view.shape()[3];
        long step = view.strides()[2];
        long start = Rows.start(view, i, j) + first * step;
        boolean whole = count % LINE == 0 && padded(width) == width;
        boolean aligned = start % LINE == 0 && step % LINE == 0;
        boolean spread = step == width || step % CROWDED != 0;
        return view.dtype() == DType.FLOAT32 && whole && aligned && spread
                ? Matrix.rows(view.storage().segment(), start, step)
                : null;
    }

    /// `count` rows from row `first` of head `(i, j)` on, [where they stand][#standing] or copied to `scratch`,
    /// whose rows are padded and followed by rows of zeros up to a multiple of 16.
    ///
    /// @param inPlace false where a copy is wanted
    static Matrix read(View view, long i, long j, int first, int count, Matrix scratch, boolean inPlace) {
        Matrix standing = standing(view, i, j, first, count);
        if (inPlace && standing != null) {
            return standing;
        }
        MemorySegment source = view.storage().segment();
        MemorySegment m = scratch.segment();
        long step = view.strides()[2];
        long start = Rows.start(view, i, j) + first * step;
        int width = (int) view.shape()[3];
        for (int r = 0; r < count; r++) {
            loadRow(source, view.dtype(), start + r * step, width, m, scratch.at(r, 0));
            zero(m, scratch.at(r, width), scratch.rowStride() - width);
        }
        zero(m, scratch.at(count, 0), (roundUp(count, LINE) - count) * scratch.rowStride());
        return scratch;
    }

    /// Rows for a result that ends in those of the view: where they stand, or `scratch`. See [#write].
    static Matrix target(View view, long i, long j, int first, int count, Matrix scratch) {
        Matrix standing = standing(view, i, j, first, count);
        return standing == null ? scratch : standing;
    }

    /// Writes the `count` rows that [#target] gave to the view, if they are not there.
    static void write(Matrix rows, View view, long i, long j, int first, int count) {
        if (standing(view, i, j, first, count) != null) {
            return;
        }
        long start = Rows.start(view, i, j);
        for (int r = 0; r < count; r++) {
            long to = start + (first + r) * view.strides()[2];
            storeRow(rows.segment(), rows.at(r, 0), (int) view.shape()[3], view, to);
        }
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

    /// `to[c][r] = factor·from[r][c]` for a block of `rows` times `width`, both rounded up to a multiple of 4.
    static void transpose(Matrix from, int rows, int width, float factor, Matrix to) {
        Simd.transpose(from, rows, width, factor, to);
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
        private static void transpose(Matrix from, int rows, int width, float factor, Matrix to) {
            MemorySegment m = NativeMemory.of(from.segment());
            MemorySegment target = NativeMemory.of(to.segment());
            long fromRow = 4 * from.rowStride();
            long toRow = 4 * to.rowStride();
            for (int r = 0; r < rows; r += 4) {
                for (int c = 0; c < width; c += 4) {
                    long p = 4 * from.offset() + r * fromRow + 4L * c;
                    long q = 4 * to.offset() + c * toRow + 4L * r;
                    FloatVector w = FloatVector.fromMemorySegment(FOUR, m, p, N).mul(factor);
                    FloatVector x = FloatVector.fromMemorySegment(FOUR, m, p + fromRow, N)
                            .mul(factor);
                    FloatVector y = FloatVector.fromMemorySegment(FOUR, m, p + 2 * fromRow, N)
                            .mul(factor);
                    FloatVector z = FloatVector.fromMemorySegment(FOUR, m, p + 3 * fromRow, N)
                            .mul(factor);
                    FloatVector w2 = w.blend(x.rearrange(NEIGHBOURS), ODD);
                    FloatVector x2 = w.rearrange(NEIGHBOURS).blend(x, ODD);
                    FloatVector y2 = y.blend(z.rearrange(NEIGHBOURS), ODD);
                    FloatVector z2 = y.rearrange(NEIGHBOURS).blend(z, ODD);
                    w2.blend(y2.rearrange(HALVES), UPPER).intoMemorySegment(target, q, N);
                    x2.blend(z2.rearrange(HALVES), UPPER).intoMemorySegment(target, q + toRow, N);
                    w2.rearrange(HALVES).blend(y2, UPPER).intoMemorySegment(target, q + 2 * toRow, N);
                    x2.rearrange(HALVES).blend(z2, UPPER).intoMemorySegment(target, q + 3 * toRow, N);
                }
            }
        }
    }
}
