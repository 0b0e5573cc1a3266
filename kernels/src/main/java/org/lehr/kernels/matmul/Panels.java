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
/// A part is up to `width` lines of `length` elements. Element `p` of line `i` goes to `offset + (p·width + i)·bytes`.
/// Where there are fewer lines than `width`, the places of the others keep what they held: nobody looks at what
/// comes of it.
final class Panels {

    /// Bytes that packing may write beyond the end of a panel.
    static final int SLACK = 64;

    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final long LOW = 0xffff_ffffL;
    private static final int BLOCK = 16;

    private Panels() {}

    /// Packs the first `lines` columns (not rows) of `from`, `length` elements of each.
    ///
    /// Lines that lie side by side are copied row by row, others transposed. Where all lines are there, up to
    /// [#SLACK] bytes behind the panel are overwritten.
    static void pack(Tiles tiles, Matrix from, int lines, int length, int width, MemorySegment to, long offset) {
        int bytes = tiles.bytes();
        boolean single = tiles.dtype() == DType.FLOAT32;
        if (from.columnStride() == 1) {
            int done = single && lines == width && Lanes.available() ? Simd.rows(from, length, width, to, offset) : 0;
            for (int p = done; p < length; p++) {
                copyRow(bytes, from, p, lines, to, offset + (long) p * width * bytes);
            }
        } else if (single && LITTLE && from.rowStride() == 1) {
            int done = 0;
            for (; done < lines - 1; done += 2) {
                pair(from.from(0, done), length, width, to, offset + (long) done * bytes);
            }
            line(bytes, from, done, lines, length, width, to, offset);
        } else {
            line(bytes, from, 0, lines, length, width, to, offset);
        }
    }

    private static void copyRow(int bytes, Matrix from, int p, int lines, MemorySegment to, long target) {
        for (int i = 0; i < lines; i++) {
            copy(bytes, from.segment(), from.at(p, i), to, target + (long) i * bytes);
        }
    }

    /// In blocks of a cache line, so that what was fetched for one line's element serves its neighbours.
    private static void line(
            int bytes, Matrix from, int first, int lines, int length, int width, MemorySegment to, long offset) {
        for (int block = 0; block < length; block += BLOCK) {
            int end = Math.min(length, block + BLOCK);
            for (int i = first; i < lines; i++) {
                for (int p = block; p < end; p++) {
                    copy(bytes, from.segment(), from.at(p, i), to, offset + ((long) p * width + i) * bytes);
                }
            }
        }
    }

    private static void copy(int bytes, MemorySegment from, long index, MemorySegment to, long target) {
        if (bytes == Float.BYTES) {
            to.set(ValueLayout.JAVA_INT_UNALIGNED, target, from.get(ValueLayout.JAVA_INT_UNALIGNED, index * bytes));
        } else {
            to.set(ValueLayout.JAVA_LONG_UNALIGNED, target, from.get(ValueLayout.JAVA_LONG_UNALIGNED, index * bytes));
        }
    }

    /// Two lines at once, in blocks of 2 by 2 float32 that are transposed in two registers.
    private static void pair(Matrix from, int length, int width, MemorySegment to, long offset) {
        MemorySegment source = NativeMemory.of(from.segment());
        long one = from.offset() * Float.BYTES;
        long other = (from.offset() + from.columnStride()) * Float.BYTES;
        long step = (long) width * Float.BYTES;
        int p = 0;
        for (; p < length - 1; p += 2) {
            long x = source.get(ValueLayout.JAVA_LONG_UNALIGNED, one + (long) p * Float.BYTES);
            long y = source.get(ValueLayout.JAVA_LONG_UNALIGNED, other + (long) p * Float.BYTES);
            long target = offset + p * step;
            to.set(ValueLayout.JAVA_LONG_UNALIGNED, target, x & LOW | y << 32);
            to.set(ValueLayout.JAVA_LONG_UNALIGNED, target + step, x >>> 32 | y & ~LOW);
        }
        if (p < length) {
            copy(Float.BYTES, source, from.at(p, 0), to, offset + p * step);
            copy(Float.BYTES, source, from.at(p, 1), to, offset + p * step + Float.BYTES);
        }
    }

    private static final class Simd {

        private static final VectorSpecies<Float> F32 = Species.F32;
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();
        private static final int LANES = F32.length();

        /// As many rows of `width` elements as can be read in whole vectors without leaving the segment.
        static int rows(Matrix from, int length, int width, MemorySegment to, long offset) {
            MemorySegment source = from.segment();
            long begin = from.offset() * Float.BYTES;
            long step = from.rowStride() * Float.BYTES;
            int vectors = Math.ceilDiv(width, LANES);
            long room = source.byteSize() - begin - (long) vectors * LANES * Float.BYTES;
            if (room < 0) {
                return 0;
            }
            int rows = step == 0 ? length : (int) Math.min(length, room / step + 1);
            if (vectors == 1) {
                for (int p = 0; p < rows; p++) {
                    move(source, begin + p * step, to, offset + (long) p * width * Float.BYTES);
                }
            } else if (vectors == 2) {
                for (int p = 0; p < rows; p++) {
                    long at = begin + p * step;
                    long target = offset + (long) p * width * Float.BYTES;
                    move(source, at, to, target);
                    move(source, at + LANES * Float.BYTES, to, target + LANES * Float.BYTES);
                }
            } else {
                return 0;
            }
            return rows;
        }

        private static void move(MemorySegment from, long source, MemorySegment to, long target) {
            FloatVector.fromMemorySegment(F32, NativeMemory.of(from), source, ORDER)
                    .intoMemorySegment(NativeMemory.of(to), target, ORDER);
        }
    }
}
