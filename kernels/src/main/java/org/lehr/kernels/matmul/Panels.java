package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Copies parts of a matrix into the order in which a [TileKernel] reads them.
final class Panels {

    private static final int BLOCK = 16;

    private Panels() {}

    /// Copies `lines ≤ width` lines of `length` elements so that element `p` of line `i` stands at
    /// `offset + (p·width + i)·bytes`; missing lines are zero.
    ///
    /// @param lineStride from one line to the next, in elements
    /// @param step from one element of a line to the next
    static void pack(
            Tiles tiles,
            MemorySegment from,
            long fromOffset,
            long lineStride,
            long step,
            int lines,
            int length,
            int width,
            MemorySegment to,
            long offset) {
        int bytes = tiles.bytes();
        if (lines < width) {
            to.asSlice(offset, (long) length * width * bytes).fill((byte) 0);
        }
        if (lineStride == 1) {
            for (int p = 0; p < length; p++) {
                copyRow(bytes, from, (fromOffset + p * step) * bytes, to, offset + (long) p * width * bytes, lines);
            }
        } else if (bytes == Float.BYTES) {
            transpose(from, fromOffset, lineStride, step, lines, length, width, to, offset);
        } else {
            transposeWide(from, fromOffset, lineStride, step, lines, length, width, to, offset);
        }
    }

    private static void copyRow(int bytes, MemorySegment from, long source, MemorySegment to, long target, int count) {
        if (bytes == Float.BYTES) {
            for (int i = 0; i < count; i++) {
                long place = (long) i * Float.BYTES;
                float value = from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, source + place);
                to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, target + place, value);
            }
        } else {
            for (int i = 0; i < count; i++) {
                long place = (long) i * Double.BYTES;
                double value = from.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, source + place);
                to.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, target + place, value);
            }
        }
    }

    /// In blocks of a cache line, so that what was fetched for one line's element serves its neighbours.
    private static void transpose(
            MemorySegment from,
            long fromOffset,
            long lineStride,
            long step,
            int lines,
            int length,
            int width,
            MemorySegment to,
            long offset) {
        for (int block = 0; block < length; block += BLOCK) {
            int end = Math.min(length, block + BLOCK);
            for (int i = 0; i < lines; i++) {
                long line = fromOffset + i * lineStride;
                long target = offset + (long) i * Float.BYTES;
                for (int p = block; p < end; p++) {
                    float value = from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, (line + p * step) * Float.BYTES);
                    to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, target + (long) p * width * Float.BYTES, value);
                }
            }
        }
    }

    private static void transposeWide(
            MemorySegment from,
            long fromOffset,
            long lineStride,
            long step,
            int lines,
            int length,
            int width,
            MemorySegment to,
            long offset) {
        for (int block = 0; block < length; block += BLOCK) {
            int end = Math.min(length, block + BLOCK);
            for (int i = 0; i < lines; i++) {
                long line = fromOffset + i * lineStride;
                long target = offset + (long) i * Double.BYTES;
                for (int p = block; p < end; p++) {
                    double value = from.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, (line + p * step) * Double.BYTES);
                    to.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, target + (long) p * width * Double.BYTES, value);
                }
            }
        }
    }
}
