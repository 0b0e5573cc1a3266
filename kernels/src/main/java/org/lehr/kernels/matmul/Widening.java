package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.lehr.kernels.convert.Bfloat16Kernel;

/// Brings parts of a bfloat16 matrix into float32 scratch memory, where they are read as a float32 matrix would be read
/// where it stands: no copy of the whole is made.
final class Widening {

    private Widening() {}

    /// Bytes from one row of `length` elements to the next in scratch: an odd number of cache lines for usual ones.
    static long pitch(long length) {
        return length * Float.BYTES + 64;
    }

    /// The first `length` elements of the first `rows` rows of `from`, at the beginning of `to`.
    static Matrix rows(Matrix from, int rows, int length, MemorySegment to) {
        long pitch = pitch(length);
        for (int i = 0; i < rows; i++) {
            row(from.from(i, 0), length, to, i * pitch);
        }
        return Matrix.rows(to, 0, pitch / Float.BYTES);
    }

    /// The first `length` elements of the first row of `from`, at `offset` in bytes.
    static void row(Matrix from, int length, MemorySegment to, long offset) {
        MemorySegment source = from.segment();
        if (from.columnStride() == 1) {
            Bfloat16Kernel.widen(source, from.offset() * Short.BYTES, to, offset, length);
            return;
        }
        for (int p = 0; p < length; p++) {
            short bits = source.get(ValueLayout.JAVA_SHORT_UNALIGNED, from.at(0, p) * Short.BYTES);
            to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, offset + (long) p * Float.BYTES, Bfloat16Kernel.toFloat(bits));
        }
    }
}
