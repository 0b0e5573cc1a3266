package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.DType;
import org.lehr.kernels.lanes.LaneSum;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;

/// Tiles as inner products of a row of the left matrix and a column of the right one, both of them contiguous: for a
/// vector times a matrix, where packing would cost more than it saves. `x Wᵀ` of a language model that writes one
/// token at a time is such a product.
final class DotTile {

    /// Rows, or columns, of the result up to which this is the faster way.
    private static final long FEW = 8;

    private DotTile() {}

    static boolean suits(Tiles tiles, Matrix a, Matrix b, long m, long n) {
        return tiles.dtype() == DType.FLOAT32
                && Lanes.available()
                && a.columnStride() == 1
                && b.rowStride() == 1
                && Math.min(m, n) <= FEW;
    }

    /// Fills the first `rows` rows and `width` columns of a tile with the products of the first rows of `a` and
    /// columns of `b` over their first `length` elements.
    static void fill(Tiles tiles, Matrix a, Matrix b, int rows, int width, int length, MemorySegment tile) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < width; j++) {
                float sum = Simd.dot(a.segment(), a.at(i, 0), b.segment(), b.at(0, j), length);
                tile.setAtIndex(ValueLayout.JAVA_FLOAT, (long) i * tiles.columns() + j, sum);
            }
        }
    }

    private static final class Simd {

        private static final VectorSpecies<Float> F32 = Species.F32;
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();
        private static final int LANES = F32.length();

        static float dot(MemorySegment left, long leftIndex, MemorySegment right, long rightIndex, int length) {
            MemorySegment a = NativeMemory.of(left);
            MemorySegment b = NativeMemory.of(right);
            long x = leftIndex * Float.BYTES;
            long y = rightIndex * Float.BYTES;
            FloatVector one = FloatVector.zero(F32);
            FloatVector two = FloatVector.zero(F32);
            FloatVector three = FloatVector.zero(F32);
            FloatVector four = FloatVector.zero(F32);
            int p = 0;
            for (; p <= length - 4 * LANES; p += 4 * LANES) {
                one = load(a, x, p).fma(load(b, y, p), one);
                two = load(a, x, p + LANES).fma(load(b, y, p + LANES), two);
                three = load(a, x, p + 2 * LANES).fma(load(b, y, p + 2 * LANES), three);
                four = load(a, x, p + 3 * LANES).fma(load(b, y, p + 3 * LANES), four);
            }
            for (; p <= length - LANES; p += LANES) {
                one = load(a, x, p).fma(load(b, y, p), one);
            }
            float sum = LaneSum.of(one.add(two).add(three.add(four)));
            for (; p < length; p++) {
                sum += a.get(ValueLayout.JAVA_FLOAT_UNALIGNED, x + (long) p * Float.BYTES)
                        * b.get(ValueLayout.JAVA_FLOAT_UNALIGNED, y + (long) p * Float.BYTES);
            }
            return sum;
        }

        private static FloatVector load(MemorySegment segment, long begin, int p) {
            return FloatVector.fromMemorySegment(F32, segment, begin + (long) p * Float.BYTES, ORDER);
        }
    }
}
