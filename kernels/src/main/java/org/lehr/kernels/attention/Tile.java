package org.lehr.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicReferenceArray;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.matmul.Matrix;
import org.lehr.kernels.matmul.TileKernel;
import org.lehr.kernels.matmul.TileWriter;

/// Products of small matrices, a few rows at a time: `C (+)= A·B` with
///
/// - `A [rows, k]` at any strides: its elements are broadcast, so that a matrix and its transpose cost the same;
/// - `B [k, n]` and `C [rows, n]` with unit stride in `n`, which is a few vectors.
///
/// The sums stay in registers over the whole of `k`. May only be touched where vectors are available.
///
/// @param spare room for a tile of [#SPARE] floats
record Tile(Matrix spare) {

    /// Rows of a tile at most.
    static final int ROWS = 6;

    private static final int MOST_VECTORS = Lanes.registers() >= 32 ? 4 : 2;
    private static final AtomicReferenceArray<TileKernel> KERNELS = new AtomicReferenceArray<>(ROWS * MOST_VECTORS);

    /// Floats of the largest tile.
    static final int SPARE = ROWS * MOST_VECTORS * Lanes.bits() / Float.SIZE;

    /// A tile with its room at this place of the scratch.
    static Tile of(MemorySegment m, long spare) {
        return new Tile(Matrix.rows(m, spare, (long) MOST_VECTORS * lanes()));
    }

    /// Floats of a vector.
    static int lanes() {
        return Lanes.bits() / Float.SIZE;
    }

    /// The widest tile in vectors: 24 sums, or 12, beside what they are made of.
    static int mostVectors() {
        return MOST_VECTORS;
    }

    /// `C ← A·B` for a tile of `rows ≤` [#ROWS] by `vectors ≤` [#mostVectors].
    static void write(Matrix a, Matrix b, Matrix c, int k, int rows, int vectors) {
        kernel(rows, vectors)
                .run(
                        k,
                        a.segment(),
                        4 * a.offset(),
                        4 * a.rowStride(),
                        4 * a.columnStride(),
                        b.segment(),
                        4 * b.offset(),
                        4 * b.rowStride(),
                        c.segment(),
                        4 * c.offset(),
                        4 * c.rowStride());
    }

    /// `C ← C + A·B`, otherwise like [#write]. A kernel that also read `C` would exceed what the first-tier
    /// compiler
    /// can take, and then never be compiled well by the second.
    void add(Matrix a, Matrix b, Matrix c, int k, int rows, int vectors) {
        write(a, b, spare, k, rows, vectors);
        Simd.add(spare, c, rows, vectors);
    }

    private static TileKernel kernel(int rows, int vectors) {
        int place = (rows - 1) * MOST_VECTORS + vectors - 1;
        TileKernel kernel = KERNELS.get(place);
        if (kernel == null) {
            KERNELS.compareAndSet(place, null, TileWriter.write(rows, vectors, false));
            kernel = KERNELS.get(place);
        }
        return kernel;
    }

    private static final class Simd {

        private static final VectorSpecies<Float> F = Species.F32;
        private static final ByteOrder N = ByteOrder.nativeOrder();

        private static void add(Matrix tile, Matrix sum, int rows, int vectors) {
            MemorySegment from = NativeMemory.of(tile.segment());
            MemorySegment to = NativeMemory.of(sum.segment());
            for (int r = 0; r < rows; r++) {
                long p = 4 * tile.at(r, 0);
                long q = 4 * sum.at(r, 0);
                for (int i = 0; i < vectors * F.vectorByteSize(); i += F.vectorByteSize()) {
                    FloatVector.fromMemorySegment(F, from, p + i, N)
                            .add(FloatVector.fromMemorySegment(F, to, q + i, N))
                            .intoMemorySegment(to, q + i, N);
                }
            }
        }
    }
}
