package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.DType;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;

/// Copies parts of a matrix into the order in which a [TileKernel] reads them.
///
/// A part is some lines of `length` elements. Element `p` of line `i` goes to `offset + p·pitch + i·bytes`, all in
/// bytes. Places of lines that are not there, up to a whole number of vectors, get any value or none: nobody looks at
/// what comes of it.
final class Panels {

    /// Elements of each line that are packed before the next line is, so that what they are packed into stays in
    /// the
    /// first-level cache until the last line has come.
    private static final int BLOCK = 32;

    private Panels() {}

    /// Packs the first `lines` columns (not rows) of `from`, `length` elements of each.
    ///
    /// Lines that lie side by side are copied row by row, others transposed.
    static void pack(Tiles tiles, Matrix from, int lines, int length, long pitch, MemorySegment to, long offset) {
        if (from.halves()) {
            widen(tiles, from, lines, length, pitch, to, offset);
            return;
        }
        if (from.columnStride() == 1) {
            long bytes = (long) lines * tiles.bytes();
            long begin = from.offset() * tiles.bytes();
            long step = from.rowStride() * tiles.bytes();
            int done = Lanes.available() ? Simd.rows(from.segment(), begin, step, bytes, length, pitch, to, offset) : 0;
            for (int p = done; p < length; p++) {
                MemorySegment.copy(from.segment(), begin + p * step, to, offset + p * pitch, bytes);
            }
            return;
        }
        boolean transposes = Lanes.available() && from.rowStride() == 1;
        int done = transposes ? blocks(tiles, from, lines, length, pitch, to, offset) : 0;
        for (int p = done; p < length; p += BLOCK) {
            Matrix part = from.from(p, 0);
            int some = Math.min(BLOCK, length - p);
            for (int i = 0; i < lines; i++) {
                long target = offset + p * pitch + (long) i * tiles.bytes();
                if (tiles.dtype() == DType.FLOAT32) {
                    line(part.from(0, i), some, pitch, to, target);
                } else {
                    wideLine(part.from(0, i), some, pitch, to, target);
                }
            }
        }
    }

    /// [#pack] from bfloat16: lines that do not lie side by side are widened one by one before they are transposed.
    private static void widen(
            Tiles tiles, Matrix from, int lines, int length, long pitch, MemorySegment to, long offset) {
        if (from.columnStride() == 1) {
            for (int p = 0; p < length; p++) {
                Widening.row(from.from(p, 0), lines, to, offset + p * pitch);
            }
            return;
        }
        Matrix rows =
                Widening.rows(from.transposed(), lines, length, Scratch.mine().wideLines());
        pack(tiles, rows.transposed(), lines, length, pitch, to, offset);
    }

    /// Packs as many elements of each line as whole blocks have, and returns their number.
    private static int blocks(
            Tiles tiles, Matrix from, int lines, int length, long pitch, MemorySegment to, long offset) {
        Transpose transpose = TransposeWriter.of(tiles.dtype() == DType.FLOAT64);
        int lanes = tiles.columns(1);
        int blocks = length / lanes;
        long step = from.columnStride() * tiles.bytes();
        for (int i = 0; i < lines; i += lanes) {
            long begin = from.at(0, i) * tiles.bytes();
            long place = offset + (long) i * tiles.bytes();
            transpose.run(blocks, from.segment(), begin, step, lines - i - 1, to, place, pitch);
        }
        return blocks * lanes;
    }

    private static void line(Matrix from, int length, long pitch, MemorySegment to, long offset) {
        MemorySegment source = from.segment();
        for (int p = 0; p < length; p++) {
            int value = source.get(ValueLayout.JAVA_INT_UNALIGNED, from.at(p, 0) * Float.BYTES);
            to.set(ValueLayout.JAVA_INT_UNALIGNED, offset + p * pitch, value);
        }
    }

    private static void wideLine(Matrix from, int length, long pitch, MemorySegment to, long offset) {
        MemorySegment source = from.segment();
        for (int p = 0; p < length; p++) {
            long value = source.get(ValueLayout.JAVA_LONG_UNALIGNED, from.at(p, 0) * Double.BYTES);
            to.set(ValueLayout.JAVA_LONG_UNALIGNED, offset + p * pitch, value);
        }
    }

    private static final class Simd {

        private static final VectorSpecies<Float> F32 = Species.F32;
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();
        private static final int WIDTH = F32.vectorByteSize();

        /// As many rows of `bytes` bytes as can be read in whole vectors without leaving the segment.
        static int rows(
                MemorySegment from,
                long begin,
                long step,
                long bytes,
                int length,
                long pitch,
                MemorySegment to,
                long offset) {
            int vectors = (int) Math.ceilDiv(bytes, (long) WIDTH);
            long room = from.byteSize() - begin - (long) vectors * WIDTH;
            if (room < 0) {
                return 0;
            }
            int rows = step == 0 ? length : (int) Math.min(length, room / step + 1);
            if (vectors == 4) {
                for (int p = 0; p < rows; p++) {
                    long source = begin + p * step;
                    long target = offset + p * pitch;
                    FloatVector one = load(from, source);
                    FloatVector two = load(from, source + WIDTH);
                    FloatVector three = load(from, source + 2 * WIDTH);
                    FloatVector four = load(from, source + 3 * WIDTH);
                    store(one, to, target);
                    store(two, to, target + WIDTH);
                    store(three, to, target + 2 * WIDTH);
                    store(four, to, target + 3 * WIDTH);
                }
            } else {
                for (int p = 0; p < rows; p++) {
                    for (int x = 0; x < vectors * WIDTH; x += WIDTH) {
                        store(load(from, begin + p * step + x), to, offset + p * pitch + x);
                    }
                }
            }
            return rows;
        }

        private static FloatVector load(MemorySegment from, long offset) {
            return FloatVector.fromMemorySegment(F32, NativeMemory.of(from), offset, ORDER);
        }

        private static void store(FloatVector value, MemorySegment to, long offset) {
            value.intoMemorySegment(NativeMemory.of(to), offset, ORDER);
        }
    }
}
