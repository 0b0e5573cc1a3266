package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.DType;
import org.lehr.kernels.lanes.LaneSum;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;

/// A vector times a matrix, float32: `x Wᵀ` of a language model that writes one token at a time. Each element of the
/// matrix is used once, so that all depends on reading it in the order in which it stands, several rows at a time.
///
/// A matrix whose rows have unit stride is added up row by row, eight rows to a pass over the result, which stays in
/// the first-level cache; one whose columns have unit stride gives inner products, eight columns at a time.
final class VectorProduct {

    /// Columns of the result that are worked on at a time.
    static final int MOST_COLUMNS = 2048;

    /// The same, at least.
    static final int FEWEST_COLUMNS = 256;

    /// Elements of the vector that are worked on at a time.
    private static final int DEPTH = 1 << 14;

    private static final int ROWS = 8;
    private static final int COLUMNS = 8;

    private final Scratch scratch = Scratch.mine();
    private final Tiles tiles;
    private final Matrix x;
    private final Matrix b;
    private final Output out;
    private final int n;

    /// The product of the row `x` with the first `n ≤ MOST_COLUMNS` columns of `b`.
    VectorProduct(Tiles tiles, Matrix x, Matrix b, int n, Output out) {
        this.tiles = tiles;
        this.x = x;
        this.b = b;
        this.n = n;
        this.out = out;
    }

    static boolean suits(Tiles tiles, Matrix b, long m) {
        return m == 1
                && Lanes.available()
                && tiles.dtype() == DType.FLOAT32
                && (b.columnStride() == 1 || b.rowStride() == 1);
    }

    void run(long k) {
        MemorySegment sums = scratch.tile;
        sums.asSlice(0, (long) n * Float.BYTES).fill((byte) 0);
        for (long done = 0; done < k; done += DEPTH) {
            int length = (int) Math.min(DEPTH, k - done);
            MemorySegment vector = x.segment();
            long start = x.at(0, done);
            if (x.halves()) {
                vector = scratch.left;
                start = 0;
                Widening.row(x.from(0, done), length, vector, 0);
            } else if (x.columnStride() != 1) {
                gather(start, length);
                vector = scratch.left;
                start = 0;
            }
            if (b.columnStride() == 1) {
                rows(vector, start, b.from(done, 0), length, sums);
            } else {
                columns(vector, start, b.from(done, 0), length, sums);
            }
        }
        for (int j = 0; j < n; j += tiles.columns()) {
            MemorySegment part = sums.asSlice((long) j * Float.BYTES);
            TileStore.store(tiles, part, 1, Math.min(tiles.columns(), n - j), out, 0, j, false, true);
        }
    }

    private void gather(long start, int length) {
        for (int p = 0; p < length; p++) {
            float value =
                    x.segment().get(ValueLayout.JAVA_FLOAT_UNALIGNED, (start + p * x.columnStride()) * Float.BYTES);
            scratch.left.setAtIndex(ValueLayout.JAVA_FLOAT, p, value);
        }
    }

    private void rows(MemorySegment vector, long start, Matrix matrix, int length, MemorySegment sums) {
        int whole = length / ROWS * ROWS;
        int some = matrix.halves() ? ROWS : Math.max(1, whole);
        for (int p = 0; p < whole; p += some) {
            Simd.eights(vector, start + p, wide(matrix.from(p, 0), ROWS, n), some, n, sums);
        }
        for (int p = whole; p < length; p++) {
            Simd.row(vector, start + p, wide(matrix.from(p, 0), 1, n), n, sums);
        }
    }

    /// The lanes of each column's sum are added up in a pass of their own, as the compiler would not inline that
    /// into
    /// the loop over a column, and make objects of the sums.
    private void columns(MemorySegment vector, long start, Matrix matrix, int length, MemorySegment sums) {
        MemorySegment lanes = scratch.right;
        int whole = n / COLUMNS * COLUMNS;
        for (int j = 0; j < whole; j += COLUMNS) {
            Matrix part = wide(matrix.from(0, j).transposed(), COLUMNS, length).transposed();
            Simd.eightColumns(vector, start, part, length, lanes, j);
        }
        for (int j = whole; j < n; j++) {
            Matrix part = wide(matrix.from(0, j).transposed(), 1, length).transposed();
            Simd.column(vector, start, part, length, lanes, j);
        }
        Simd.addLanes(lanes, n, sums);
    }

    /// The first rows of a matrix, in float32.
    private Matrix wide(Matrix matrix, int rows, int length) {
        return matrix.halves() ? Widening.rows(matrix, rows, length, scratch.wideLines()) : matrix;
    }

    /// Bytes of eight rows of bfloat16 in float32.
    static long wideBytes() {
        return ROWS * Widening.pitch(DEPTH);
    }

    private static final class Simd {

        private static final VectorSpecies<Float> F32 = Species.F32;
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();
        private static final int LANES = F32.length();
        private static final int WIDTH = F32.vectorByteSize();

        /// `sums += x·rows` for `length` rows, a multiple of [#ROWS].
        static void eights(MemorySegment vector, long start, Matrix matrix, int length, int n, MemorySegment sums) {
            MemorySegment b = NativeMemory.of(matrix.segment());
            MemorySegment c = NativeMemory.of(sums);
            long step = matrix.rowStride() * Float.BYTES;
            int end = n / LANES * WIDTH;
            for (int i = 0; i < length; i += ROWS) {
                long from = start + i;
                long at = matrix.offset() * Float.BYTES + i * step;
                FloatVector x0 = all(vector, from);
                FloatVector x1 = all(vector, from + 1);
                FloatVector x2 = all(vector, from + 2);
                FloatVector x3 = all(vector, from + 3);
                FloatVector x4 = all(vector, from + 4);
                FloatVector x5 = all(vector, from + 5);
                FloatVector x6 = all(vector, from + 6);
                FloatVector x7 = all(vector, from + 7);
                for (int j = 0; j < end; j += WIDTH) {
                    long p = at + j;
                    FloatVector even = x0.fma(load(b, p), load(c, j));
                    FloatVector odd = x1.mul(load(b, p + step));
                    even = x2.fma(load(b, p + 2 * step), even);
                    odd = x3.fma(load(b, p + 3 * step), odd);
                    even = x4.fma(load(b, p + 4 * step), even);
                    odd = x5.fma(load(b, p + 5 * step), odd);
                    even = x6.fma(load(b, p + 6 * step), even);
                    odd = x7.fma(load(b, p + 7 * step), odd);
                    even.add(odd).intoMemorySegment(c, j, ORDER);
                }
            }
            for (int i = 0; i < length && end < n * Float.BYTES; i++) {
                rest(vector, start + i, b, matrix.offset() * Float.BYTES + i * step, n, sums);
            }
        }

        /// `sums += x[0]·row`
        static void row(MemorySegment vector, long start, Matrix matrix, int n, MemorySegment sums) {
            MemorySegment b = NativeMemory.of(matrix.segment());
            MemorySegment c = NativeMemory.of(sums);
            long at = matrix.offset() * Float.BYTES;
            FloatVector x = all(vector, start);
            int end = n / LANES * WIDTH;
            for (int j = 0; j < end; j += WIDTH) {
                x.fma(load(b, at + j), load(c, j)).intoMemorySegment(c, j, ORDER);
            }
            if (end < n * Float.BYTES) {
                rest(vector, start, b, at, n, sums);
            }
        }

        /// What [#row] does, for the columns behind the last whole vector.
        private static void rest(
                MemorySegment vector, long start, MemorySegment b, long at, int n, MemorySegment sums) {
            int j = n / LANES * WIDTH;
            VectorMask<Float> mask = F32.indexInRange(0, n % LANES);
            FloatVector sum = load(NativeMemory.of(sums), j);
            FloatVector row = FloatVector.fromMemorySegment(F32, NativeMemory.of(b), at + j, ORDER, mask);
            all(vector, start).fma(row, sum).intoMemorySegment(NativeMemory.of(sums), j, ORDER);
        }

        /// Vectors `j` and following of `lanes` become the sums by lanes of `x·column` for eight columns.
        static void eightColumns(
                MemorySegment vector, long start, Matrix matrix, int length, MemorySegment lanes, int j) {
            MemorySegment a = NativeMemory.of(vector);
            MemorySegment b = NativeMemory.of(matrix.segment());
            MemorySegment c = NativeMemory.of(lanes);
            long from = start * Float.BYTES;
            long at = matrix.offset() * Float.BYTES;
            long step = matrix.columnStride() * Float.BYTES;
            FloatVector s0 = FloatVector.zero(F32);
            FloatVector s1 = FloatVector.zero(F32);
            FloatVector s2 = FloatVector.zero(F32);
            FloatVector s3 = FloatVector.zero(F32);
            FloatVector s4 = FloatVector.zero(F32);
            FloatVector s5 = FloatVector.zero(F32);
            FloatVector s6 = FloatVector.zero(F32);
            FloatVector s7 = FloatVector.zero(F32);
            int end = length / LANES * WIDTH;
            for (int p = 0; p < end; p += WIDTH) {
                FloatVector x = load(a, from + p);
                long place = at + p;
                s0 = x.fma(load(b, place), s0);
                s1 = x.fma(load(b, place + step), s1);
                s2 = x.fma(load(b, place + 2 * step), s2);
                s3 = x.fma(load(b, place + 3 * step), s3);
                s4 = x.fma(load(b, place + 4 * step), s4);
                s5 = x.fma(load(b, place + 5 * step), s5);
                s6 = x.fma(load(b, place + 6 * step), s6);
                s7 = x.fma(load(b, place + 7 * step), s7);
            }
            if (end < length * Float.BYTES) {
                VectorMask<Float> mask = F32.indexInRange(0, length % LANES);
                FloatVector x = FloatVector.fromMemorySegment(F32, a, from + end, ORDER, mask);
                long place = at + end;
                s0 = x.fma(FloatVector.fromMemorySegment(F32, b, place, ORDER, mask), s0);
                s1 = x.fma(FloatVector.fromMemorySegment(F32, b, place + step, ORDER, mask), s1);
                s2 = x.fma(FloatVector.fromMemorySegment(F32, b, place + 2 * step, ORDER, mask), s2);
                s3 = x.fma(FloatVector.fromMemorySegment(F32, b, place + 3 * step, ORDER, mask), s3);
                s4 = x.fma(FloatVector.fromMemorySegment(F32, b, place + 4 * step, ORDER, mask), s4);
                s5 = x.fma(FloatVector.fromMemorySegment(F32, b, place + 5 * step, ORDER, mask), s5);
                s6 = x.fma(FloatVector.fromMemorySegment(F32, b, place + 6 * step, ORDER, mask), s6);
                s7 = x.fma(FloatVector.fromMemorySegment(F32, b, place + 7 * step, ORDER, mask), s7);
            }
            s0.intoMemorySegment(c, (long) j * WIDTH, ORDER);
            s1.intoMemorySegment(c, (j + 1L) * WIDTH, ORDER);
            s2.intoMemorySegment(c, (j + 2L) * WIDTH, ORDER);
            s3.intoMemorySegment(c, (j + 3L) * WIDTH, ORDER);
            s4.intoMemorySegment(c, (j + 4L) * WIDTH, ORDER);
            s5.intoMemorySegment(c, (j + 5L) * WIDTH, ORDER);
            s6.intoMemorySegment(c, (j + 6L) * WIDTH, ORDER);
            s7.intoMemorySegment(c, (j + 7L) * WIDTH, ORDER);
        }

        /// Vector `j` of `lanes` becomes the sum by lanes of `x·column`.
        static void column(MemorySegment vector, long start, Matrix matrix, int length, MemorySegment lanes, int j) {
            MemorySegment a = NativeMemory.of(vector);
            MemorySegment b = NativeMemory.of(matrix.segment());
            long from = start * Float.BYTES;
            long at = matrix.offset() * Float.BYTES;
            FloatVector sum = FloatVector.zero(F32);
            int end = length / LANES * WIDTH;
            for (int p = 0; p < end; p += WIDTH) {
                sum = load(a, from + p).fma(load(b, at + p), sum);
            }
            if (end < length * Float.BYTES) {
                VectorMask<Float> mask = F32.indexInRange(0, length % LANES);
                FloatVector x = FloatVector.fromMemorySegment(F32, a, from + end, ORDER, mask);
                sum = x.fma(FloatVector.fromMemorySegment(F32, b, at + end, ORDER, mask), sum);
            }
            sum.intoMemorySegment(NativeMemory.of(lanes), (long) j * WIDTH, ORDER);
        }

        /// `sums[j] += ` the lanes of vector `j`, for `n` vectors.
        static void addLanes(MemorySegment lanes, int n, MemorySegment sums) {
            MemorySegment from = NativeMemory.of(lanes);
            for (int j = 0; j < n; j++) {
                float sum = LaneSum.of(load(from, (long) j * WIDTH));
                sums.setAtIndex(ValueLayout.JAVA_FLOAT, j, sums.getAtIndex(ValueLayout.JAVA_FLOAT, j) + sum);
            }
        }

        private static FloatVector all(MemorySegment vector, long index) {
            return FloatVector.broadcast(F32, vector.get(ValueLayout.JAVA_FLOAT_UNALIGNED, index * Float.BYTES));
        }

        private static FloatVector load(MemorySegment segment, long offset) {
            return FloatVector.fromMemorySegment(F32, segment, offset, ORDER);
        }
    }
}
