package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// A product of small size and great depth, such as the gradient of a narrow weight over many rows: threads take parts
/// of the depth, and the partial products are added in their order.
final class DeepProduct {

    private static final int MOST_PARTS = 16;
    private static final int SHORTEST_PART = 2 * Scratch.DEPTH;
    private static final long MOST_ELEMENTS = 1 << 14;

    private final Tiles tiles;
    private final int m;
    private final int n;
    private final long k;
    private final int columns;

    /// For `m` by `n` elements of depth `k`, which [#suits].
    DeepProduct(Tiles tiles, long m, long n, long k) {
        this.tiles = tiles;
        this.m = (int) m;
        this.n = (int) n;
        this.k = k;
        this.columns = Math.ceilDiv(this.n, tiles.columns()) * tiles.columns();
    }

    static boolean suits(long m, long n, long k) {
        return m * n <= MOST_ELEMENTS && k >= 2 * SHORTEST_PART;
    }

    void run(Matrix a, Matrix b, Output out) {
        long parts = Math.min(MOST_PARTS, k / SHORTEST_PART);
        long length = Math.ceilDiv(k, parts);
        long size = (long) m * columns;
        Storage storage = Pool.host().allocate(parts * size * tiles.bytes(), "matmul: partial products");
        try {
            MemorySegment sums = storage.segment();
            Workers.current().forRange(parts, 1, (from, to) -> {
                for (long part = from; part < to; part++) {
                    long start = part * length;
                    int some = (int) Math.min(length, k - start);
                    Matrix c = Matrix.rows(sums, part * size, columns);
                    Gemm.serial(tiles.dtype(), m, n, some, 1, a.from(0, start), b.from(start, 0), c, false);
                }
            });
            for (long part = 1; part < parts; part++) {
                MemorySegment more = sums.asSlice(part * size * tiles.bytes());
                TileStore.add(tiles, more, columns, m, n, Matrix.rows(sums, 0, columns));
            }
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j += tiles.columns()) {
                    MemorySegment row = sums.asSlice(((long) i * columns + j) * tiles.bytes());
                    TileStore.store(tiles, row, 1, Math.min(tiles.columns(), n - j), out, i, j, false, true);
                }
            }
        } finally {
            storage.release();
        }
    }
}
