package org.lehr.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.Species;

/// Products of small matrices that stand in one scratch segment, eight rows at a time: `C (+)= A·B` with
///
/// - `A [8, k]` at any strides: its elements are broadcast, so that a matrix and its transpose cost the same;
/// - `B [k, n]` and `C [8, n]` with unit stride in `n`, which is one or two vectors.
///
/// The accumulators stay in registers over the whole of `k`. All places and strides are in floats from the segment's
/// beginning. May only be touched where vectors are available.
final class Tile {

    /// Rows of a tile.
    static final int ROWS = 8;

    private Tile() {}

    /// Floats of a vector.
    static int lanes() {
        return Simd.LANES;
    }

    /// A tile of one or two vectors: `vectors` 1 or 2.
    static void multiply(
            MemorySegment m,
            long a,
            long aRow,
            long aStep,
            long b,
            long bStep,
            long c,
            long cRow,
            int k,
            int vectors,
            boolean accumulate) {
        if (vectors == 2) {
            Simd.twoVectors(m, 4 * a, 4 * aRow, 4 * aStep, 4 * b, 4 * bStep, 4 * c, 4 * cRow, k, accumulate);
        } else {
            Simd.oneVector(m, 4 * a, 4 * aRow, 4 * aStep, 4 * b, 4 * bStep, 4 * c, 4 * cRow, k, accumulate);
        }
    }

    /// The vector methods are spelled out at each use: behind helper methods the compiler's inlining budget ends
    /// inside the loop, and what it leaves out allocates.
    private static final class Simd {
        private static final VectorSpecies<Float> F = Species.F32;
        private static final int LANES = F.length();
        private static final long W = 4L * LANES;
        private static final ByteOrder N = ByteOrder.nativeOrder();
        private static final ValueLayout.OfFloat FL = ValueLayout.JAVA_FLOAT;

        private static void twoVectors(
                MemorySegment m, long a, long aRow, long aStep, long b, long bStep, long c, long cRow, int k, boolean accumulate) {
            FloatVector c00;
            FloatVector c01;
            FloatVector c10;
            FloatVector c11;
            FloatVector c20;
            FloatVector c21;
            FloatVector c30;
            FloatVector c31;
            FloatVector c40;
            FloatVector c41;
            FloatVector c50;
            FloatVector c51;
            FloatVector c60;
            FloatVector c61;
            FloatVector c70;
            FloatVector c71;
            if (accumulate) {
                c00 = FloatVector.fromMemorySegment(F, m, c, N);
                c01 = FloatVector.fromMemorySegment(F, m, c + W, N);
                c10 = FloatVector.fromMemorySegment(F, m, c + cRow, N);
                c11 = FloatVector.fromMemorySegment(F, m, c + cRow + W, N);
                c20 = FloatVector.fromMemorySegment(F, m, c + 2 * cRow, N);
                c21 = FloatVector.fromMemorySegment(F, m, c + 2 * cRow + W, N);
                c30 = FloatVector.fromMemorySegment(F, m, c + 3 * cRow, N);
                c31 = FloatVector.fromMemorySegment(F, m, c + 3 * cRow + W, N);
                c40 = FloatVector.fromMemorySegment(F, m, c + 4 * cRow, N);
                c41 = FloatVector.fromMemorySegment(F, m, c + 4 * cRow + W, N);
                c50 = FloatVector.fromMemorySegment(F, m, c + 5 * cRow, N);
                c51 = FloatVector.fromMemorySegment(F, m, c + 5 * cRow + W, N);
                c60 = FloatVector.fromMemorySegment(F, m, c + 6 * cRow, N);
                c61 = FloatVector.fromMemorySegment(F, m, c + 6 * cRow + W, N);
                c70 = FloatVector.fromMemorySegment(F, m, c + 7 * cRow, N);
                c71 = FloatVector.fromMemorySegment(F, m, c + 7 * cRow + W, N);
            } else {
                FloatVector zero = FloatVector.zero(F);
                c00 = zero;
                c01 = zero;
                c10 = zero;
                c11 = zero;
                c20 = zero;
                c21 = zero;
                c30 = zero;
                c31 = zero;
                c40 = zero;
                c41 = zero;
                c50 = zero;
                c51 = zero;
                c60 = zero;
                c61 = zero;
                c70 = zero;
                c71 = zero;
            }
            for (int i = 0; i < k; i++) {
                long p = a + i * aStep;
                long q = b + i * bStep;
                FloatVector b0 = FloatVector.fromMemorySegment(F, m, q, N);
                FloatVector b1 = FloatVector.fromMemorySegment(F, m, q + W, N);
                FloatVector a0 = FloatVector.broadcast(F, m.get(FL, p));
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                FloatVector a1 = FloatVector.broadcast(F, m.get(FL, p + aRow));
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                FloatVector a2 = FloatVector.broadcast(F, m.get(FL, p + 2 * aRow));
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                FloatVector a3 = FloatVector.broadcast(F, m.get(FL, p + 3 * aRow));
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
                FloatVector a4 = FloatVector.broadcast(F, m.get(FL, p + 4 * aRow));
                c40 = a4.fma(b0, c40);
                c41 = a4.fma(b1, c41);
                FloatVector a5 = FloatVector.broadcast(F, m.get(FL, p + 5 * aRow));
                c50 = a5.fma(b0, c50);
                c51 = a5.fma(b1, c51);
                FloatVector a6 = FloatVector.broadcast(F, m.get(FL, p + 6 * aRow));
                c60 = a6.fma(b0, c60);
                c61 = a6.fma(b1, c61);
                FloatVector a7 = FloatVector.broadcast(F, m.get(FL, p + 7 * aRow));
                c70 = a7.fma(b0, c70);
                c71 = a7.fma(b1, c71);
            }
            c00.intoMemorySegment(m, c, N);
            c01.intoMemorySegment(m, c + W, N);
            c10.intoMemorySegment(m, c + cRow, N);
            c11.intoMemorySegment(m, c + cRow + W, N);
            c20.intoMemorySegment(m, c + 2 * cRow, N);
            c21.intoMemorySegment(m, c + 2 * cRow + W, N);
            c30.intoMemorySegment(m, c + 3 * cRow, N);
            c31.intoMemorySegment(m, c + 3 * cRow + W, N);
            c40.intoMemorySegment(m, c + 4 * cRow, N);
            c41.intoMemorySegment(m, c + 4 * cRow + W, N);
            c50.intoMemorySegment(m, c + 5 * cRow, N);
            c51.intoMemorySegment(m, c + 5 * cRow + W, N);
            c60.intoMemorySegment(m, c + 6 * cRow, N);
            c61.intoMemorySegment(m, c + 6 * cRow + W, N);
            c70.intoMemorySegment(m, c + 7 * cRow, N);
            c71.intoMemorySegment(m, c + 7 * cRow + W, N);
        }

        private static void oneVector(
                MemorySegment m, long a, long aRow, long aStep, long b, long bStep, long c, long cRow, int k, boolean accumulate) {
            FloatVector c00;
            FloatVector c10;
            FloatVector c20;
            FloatVector c30;
            FloatVector c40;
            FloatVector c50;
            FloatVector c60;
            FloatVector c70;
            if (accumulate) {
                c00 = FloatVector.fromMemorySegment(F, m, c, N);
                c10 = FloatVector.fromMemorySegment(F, m, c + cRow, N);
                c20 = FloatVector.fromMemorySegment(F, m, c + 2 * cRow, N);
                c30 = FloatVector.fromMemorySegment(F, m, c + 3 * cRow, N);
                c40 = FloatVector.fromMemorySegment(F, m, c + 4 * cRow, N);
                c50 = FloatVector.fromMemorySegment(F, m, c + 5 * cRow, N);
                c60 = FloatVector.fromMemorySegment(F, m, c + 6 * cRow, N);
                c70 = FloatVector.fromMemorySegment(F, m, c + 7 * cRow, N);
            } else {
                FloatVector zero = FloatVector.zero(F);
                c00 = zero;
                c10 = zero;
                c20 = zero;
                c30 = zero;
                c40 = zero;
                c50 = zero;
                c60 = zero;
                c70 = zero;
            }
            for (int i = 0; i < k; i++) {
                long p = a + i * aStep;
                long q = b + i * bStep;
                FloatVector b0 = FloatVector.fromMemorySegment(F, m, q, N);
                FloatVector a0 = FloatVector.broadcast(F, m.get(FL, p));
                c00 = a0.fma(b0, c00);
                FloatVector a1 = FloatVector.broadcast(F, m.get(FL, p + aRow));
                c10 = a1.fma(b0, c10);
                FloatVector a2 = FloatVector.broadcast(F, m.get(FL, p + 2 * aRow));
                c20 = a2.fma(b0, c20);
                FloatVector a3 = FloatVector.broadcast(F, m.get(FL, p + 3 * aRow));
                c30 = a3.fma(b0, c30);
                FloatVector a4 = FloatVector.broadcast(F, m.get(FL, p + 4 * aRow));
                c40 = a4.fma(b0, c40);
                FloatVector a5 = FloatVector.broadcast(F, m.get(FL, p + 5 * aRow));
                c50 = a5.fma(b0, c50);
                FloatVector a6 = FloatVector.broadcast(F, m.get(FL, p + 6 * aRow));
                c60 = a6.fma(b0, c60);
                FloatVector a7 = FloatVector.broadcast(F, m.get(FL, p + 7 * aRow));
                c70 = a7.fma(b0, c70);
            }
            c00.intoMemorySegment(m, c, N);
            c10.intoMemorySegment(m, c + cRow, N);
            c20.intoMemorySegment(m, c + 2 * cRow, N);
            c30.intoMemorySegment(m, c + 3 * cRow, N);
            c40.intoMemorySegment(m, c + 4 * cRow, N);
            c50.intoMemorySegment(m, c + 5 * cRow, N);
            c60.intoMemorySegment(m, c + 6 * cRow, N);
            c70.intoMemorySegment(m, c + 7 * cRow, N);
        }
    }
}
