package org.lehr.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;

/// Products of small matrices that stand in one scratch segment, eight rows at a time: `C (+)= A·B` with
///
/// - `A [8, k]` at any strides: its elements are broadcast, so that a matrix and its transpose cost the same;
/// - `B [k, n]` and `C [8, n]` with unit stride in `n`, which is one vector or two.
///
/// The sums stay in registers over the whole of `k`. All places and strides are in floats from the segment's beginning.
/// May only be touched where vectors are available.
///
/// @param m the scratch
/// @param spare place of [#SPARE] floats that may be overwritten
record Tile(MemorySegment m, long spare) {

    /// Rows of a tile.
    static final int ROWS = 8;

    /// Floats of the largest tile.
    static final int SPARE = ROWS * 32;

    /// Floats of a vector.
    static int lanes() {
        return Simd.LANES;
    }

    /// The widest tile in vectors: two take 19 registers, which machines of 512 bits have.
    static int mostVectors() {
        return Lanes.bits() == 512 ? 2 : 1;
    }

    /// `C ← A·B` for a tile of `vectors ≤` [#mostVectors] vectors.
    void write(long a, long aRow, long aStep, long b, long bStep, long c, long cRow, int k, int vectors) {
        if (vectors == 2) {
            Simd.twoVectors(m, 4 * a, 4 * aRow, 4 * aStep, 4 * b, 4 * bStep, 4 * c, 4 * cRow, k);
        } else {
            Simd.oneVector(m, 4 * a, 4 * aRow, 4 * aStep, 4 * b, 4 * bStep, 4 * c, 4 * cRow, k);
        }
    }

    /// `C ← C + A·B`, otherwise like [#write].
    void add(long a, long aRow, long aStep, long b, long bStep, long c, long cRow, int k, int vectors) {
        int columns = vectors * Simd.LANES;
        write(a, aRow, aStep, b, bStep, spare, columns, k, vectors);
        Simd.add(m, 4 * spare, 4L * columns, 4 * c, 4 * cRow);
    }

    /// The vector methods are spelled out at each use: behind helper methods the compiler's inlining budget ends
    /// inside
    /// the loop, and what it leaves out allocates. A method that also read `C` would exceed what the first-tier
    /// compiler
    /// can take, and then never reach the second.
    private static final class Simd {
        private static final VectorSpecies<Float> F = Species.F32;
        private static final int LANES = F.length();
        private static final long W = 4L * LANES;
        private static final ByteOrder N = ByteOrder.nativeOrder();
        private static final ValueLayout.OfFloat FL = ValueLayout.JAVA_FLOAT_UNALIGNED;

        private static void twoVectors(
                MemorySegment scratch, long a, long aRow, long aStep, long b, long bStep, long c, long cRow, int k) {
            MemorySegment m = NativeMemory.of(scratch);
            FloatVector zero = FloatVector.zero(F);
            FloatVector c00 = zero;
            FloatVector c01 = zero;
            FloatVector c10 = zero;
            FloatVector c11 = zero;
            FloatVector c20 = zero;
            FloatVector c21 = zero;
            FloatVector c30 = zero;
            FloatVector c31 = zero;
            FloatVector c40 = zero;
            FloatVector c41 = zero;
            FloatVector c50 = zero;
            FloatVector c51 = zero;
            FloatVector c60 = zero;
            FloatVector c61 = zero;
            FloatVector c70 = zero;
            FloatVector c71 = zero;
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
                MemorySegment scratch, long a, long aRow, long aStep, long b, long bStep, long c, long cRow, int k) {
            MemorySegment m = NativeMemory.of(scratch);
            FloatVector zero = FloatVector.zero(F);
            FloatVector c00 = zero;
            FloatVector c10 = zero;
            FloatVector c20 = zero;
            FloatVector c30 = zero;
            FloatVector c40 = zero;
            FloatVector c50 = zero;
            FloatVector c60 = zero;
            FloatVector c70 = zero;
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

        private static void add(MemorySegment scratch, long tile, long tileRow, long c, long cRow) {
            MemorySegment m = NativeMemory.of(scratch);
            for (int r = 0; r < ROWS; r++) {
                for (long i = 0; i < tileRow; i += W) {
                    long place = c + r * cRow + i;
                    FloatVector.fromMemorySegment(F, m, tile + r * tileRow + i, N)
                            .add(FloatVector.fromMemorySegment(F, m, place, N))
                            .intoMemorySegment(m, place, N);
                }
            }
        }
    }
}
