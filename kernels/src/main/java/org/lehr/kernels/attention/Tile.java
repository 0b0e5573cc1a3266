package org.lehr.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.matmul.Matrix;

/// Products of small matrices, eight rows at a time: `C (+)= A·B` with
///
/// - `A [8, k]` at any strides: its elements are broadcast, so that a matrix and its transpose cost the same;
/// - `B [k, n]` and `C [8, n]` with unit stride in `n`, which is one vector or two.
///
/// The sums stay in registers over the whole of `k`. May only be touched where vectors are available.
///
/// @param m the scratch
/// @param spare place of [#SPARE] floats in it that may be overwritten
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
    void write(Matrix a, Matrix b, Matrix c, int k, int vectors) {
        if (vectors == 2) {
            Simd.twoVectors(a, b, c, k);
        } else {
            Simd.oneVector(a, b, c, k);
        }
    }

    /// `C ← C + A·B`, otherwise like [#write].
    void add(Matrix a, Matrix b, Matrix c, int k, int vectors) {
        Matrix tile = Matrix.rows(m, spare, (long) vectors * Simd.LANES);
        write(a, b, tile, k, vectors);
        Simd.add(tile, c);
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

        private static void twoVectors(Matrix left, Matrix right, Matrix product, int k) {
            MemorySegment l = NativeMemory.of(left.segment());
            MemorySegment m = NativeMemory.of(right.segment());
            MemorySegment o = NativeMemory.of(product.segment());
            long a = 4 * left.offset();
            long aRow = 4 * left.rowStride();
            long aStep = 4 * left.columnStride();
            long b = 4 * right.offset();
            long bStep = 4 * right.rowStride();
            long c = 4 * product.offset();
            long cRow = 4 * product.rowStride();
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
                FloatVector a0 = FloatVector.broadcast(F, l.get(FL, p));
                c00 = a0.fma(b0, c00);
                c01 = a0.fma(b1, c01);
                FloatVector a1 = FloatVector.broadcast(F, l.get(FL, p + aRow));
                c10 = a1.fma(b0, c10);
                c11 = a1.fma(b1, c11);
                FloatVector a2 = FloatVector.broadcast(F, l.get(FL, p + 2 * aRow));
                c20 = a2.fma(b0, c20);
                c21 = a2.fma(b1, c21);
                FloatVector a3 = FloatVector.broadcast(F, l.get(FL, p + 3 * aRow));
                c30 = a3.fma(b0, c30);
                c31 = a3.fma(b1, c31);
                FloatVector a4 = FloatVector.broadcast(F, l.get(FL, p + 4 * aRow));
                c40 = a4.fma(b0, c40);
                c41 = a4.fma(b1, c41);
                FloatVector a5 = FloatVector.broadcast(F, l.get(FL, p + 5 * aRow));
                c50 = a5.fma(b0, c50);
                c51 = a5.fma(b1, c51);
                FloatVector a6 = FloatVector.broadcast(F, l.get(FL, p + 6 * aRow));
                c60 = a6.fma(b0, c60);
                c61 = a6.fma(b1, c61);
                FloatVector a7 = FloatVector.broadcast(F, l.get(FL, p + 7 * aRow));
                c70 = a7.fma(b0, c70);
                c71 = a7.fma(b1, c71);
            }
            c00.intoMemorySegment(o, c, N);
            c01.intoMemorySegment(o, c + W, N);
            c10.intoMemorySegment(o, c + cRow, N);
            c11.intoMemorySegment(o, c + cRow + W, N);
            c20.intoMemorySegment(o, c + 2 * cRow, N);
            c21.intoMemorySegment(o, c + 2 * cRow + W, N);
            c30.intoMemorySegment(o, c + 3 * cRow, N);
            c31.intoMemorySegment(o, c + 3 * cRow + W, N);
            c40.intoMemorySegment(o, c + 4 * cRow, N);
            c41.intoMemorySegment(o, c + 4 * cRow + W, N);
            c50.intoMemorySegment(o, c + 5 * cRow, N);
            c51.intoMemorySegment(o, c + 5 * cRow + W, N);
            c60.intoMemorySegment(o, c + 6 * cRow, N);
            c61.intoMemorySegment(o, c + 6 * cRow + W, N);
            c70.intoMemorySegment(o, c + 7 * cRow, N);
            c71.intoMemorySegment(o, c + 7 * cRow + W, N);
        }

        private static void oneVector(Matrix left, Matrix right, Matrix product, int k) {
            MemorySegment l = NativeMemory.of(left.segment());
            MemorySegment m = NativeMemory.of(right.segment());
            MemorySegment o = NativeMemory.of(product.segment());
            long a = 4 * left.offset();
            long aRow = 4 * left.rowStride();
            long aStep = 4 * left.columnStride();
            long b = 4 * right.offset();
            long bStep = 4 * right.rowStride();
            long c = 4 * product.offset();
            long cRow = 4 * product.rowStride();
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
                FloatVector a0 = FloatVector.broadcast(F, l.get(FL, p));
                c00 = a0.fma(b0, c00);
                FloatVector a1 = FloatVector.broadcast(F, l.get(FL, p + aRow));
                c10 = a1.fma(b0, c10);
                FloatVector a2 = FloatVector.broadcast(F, l.get(FL, p + 2 * aRow));
                c20 = a2.fma(b0, c20);
                FloatVector a3 = FloatVector.broadcast(F, l.get(FL, p + 3 * aRow));
                c30 = a3.fma(b0, c30);
                FloatVector a4 = FloatVector.broadcast(F, l.get(FL, p + 4 * aRow));
                c40 = a4.fma(b0, c40);
                FloatVector a5 = FloatVector.broadcast(F, l.get(FL, p + 5 * aRow));
                c50 = a5.fma(b0, c50);
                FloatVector a6 = FloatVector.broadcast(F, l.get(FL, p + 6 * aRow));
                c60 = a6.fma(b0, c60);
                FloatVector a7 = FloatVector.broadcast(F, l.get(FL, p + 7 * aRow));
                c70 = a7.fma(b0, c70);
            }
            c00.intoMemorySegment(o, c, N);
            c10.intoMemorySegment(o, c + cRow, N);
            c20.intoMemorySegment(o, c + 2 * cRow, N);
            c30.intoMemorySegment(o, c + 3 * cRow, N);
            c40.intoMemorySegment(o, c + 4 * cRow, N);
            c50.intoMemorySegment(o, c + 5 * cRow, N);
            c60.intoMemorySegment(o, c + 6 * cRow, N);
            c70.intoMemorySegment(o, c + 7 * cRow, N);
        }

        private static void add(Matrix tile, Matrix sum) {
            MemorySegment m = NativeMemory.of(tile.segment());
            MemorySegment o = NativeMemory.of(sum.segment());
            for (int r = 0; r < ROWS; r++) {
                for (long i = 0; i < 4 * tile.rowStride(); i += W) {
                    long place = 4 * sum.at(r, 0) + i;
                    FloatVector.fromMemorySegment(F, m, 4 * tile.at(r, 0) + i, N)
                            .add(FloatVector.fromMemorySegment(F, o, place, N))
                            .intoMemorySegment(o, place, N);
                }
            }
        }
    }
}
