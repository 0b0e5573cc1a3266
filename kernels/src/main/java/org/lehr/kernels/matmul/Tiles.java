package org.lehr.kernels.matmul;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.lehr.kernels.DType;
import org.lehr.kernels.lanes.Lanes;

/// The tile kernels for one element type on this machine. A tile is 6 rows high and 1 to 4 vectors wide; one that is 1
/// wide may also be 12 high.
///
/// Six rows of four vectors are 24 accumulators: as many as 32 registers hold beside the four vectors of the right
/// matrix and the broadcast element of the left one. Of the shapes that fit, this is the one with the fewest loads for
/// each multiplication but the square 5 x 5, 10 for 24; measured at 512 bits in share of the peak: 6 x 4 99.6%,
/// 9 x 3 99.4%, 8 x 3 96%, 12 x 2 92%, 14 x 2 34% (it spills), 24 x 1 65%, for which there is
/// therefore a tile that takes the depth in pairs. It also reads only six rows of the left
/// matrix at a time, so that they may stand at any distance: eight lines of a set are in the first-level cache, and 12
/// rows at a multiple of 4096 bytes cost a quarter of the speed. With 16 registers two vectors fit.
final class Tiles {

    private static final int ROWS = 6;
    private static final int REST_ROWS = 2;

    /// Rows of the highest tile; a multiple of those of the others.
    static final int TALL_ROWS = 12;

    /// Rows at a multiple of so many bytes share few sets of the first-level cache.
    private static final int CROWDED = 2048;

    private static final int SCALAR_ROWS = 4;
    private static final int SCALAR_COLUMNS = 16;

    private final DType dtype;
    private final int lanes;
    private final int mostVectors;
    private final AtomicReferenceArray<TileKernel> main;
    private final AtomicReferenceArray<TileKernel> rest;
    private final AtomicReferenceArray<TileKernel> tall = new AtomicReferenceArray<>(1);

    private Tiles(DType dtype) {
        this.dtype = dtype;
        this.lanes = Lanes.available() ? Lanes.bits() / (Byte.SIZE * dtype.bytes()) : SCALAR_COLUMNS;
        this.mostVectors = !Lanes.available() ? 1 : Lanes.registers() >= 32 ? 4 : 2;
        this.main = new AtomicReferenceArray<>(mostVectors);
        this.rest = new AtomicReferenceArray<>(mostVectors);
    }

    /// For `FLOAT32` or `FLOAT64`.
    static Tiles of(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> Single.TILES;
            case FLOAT64 -> Double.TILES;
            case BFLOAT16, INT64, INT32, UINT8, BOOL ->
                throw new IllegalArgumentException("matmul: no product in " + dtype);
        };
    }

    DType dtype() {
        return dtype;
    }

    /// Bytes of one element.
    int bytes() {
        return dtype.bytes();
    }

    /// Columns of the widest tile.
    int columns() {
        return mostVectors * lanes;
    }

    /// Columns of the narrowest tile that has `width ≤ columns()` columns.
    int columns(int width) {
        return Math.ceilDiv(width, lanes) * lanes;
    }

    /// Rows of the tile that is best for `m` rows which stand `distance` bytes apart: [#rows], or more.
    int rows(int columns, int m, long distance) {
        boolean isTall = columns == lanes && mostVectors > 2 && m >= TALL_ROWS && distance % CROWDED != 0;
        return isTall ? TALL_ROWS : rows();
    }

    /// Rows of a tile.
    int rows() {
        return Lanes.available() ? ROWS : SCALAR_ROWS;
    }

    /// Rows of a tile for where fewer than [#rows] remain.
    int restRows() {
        return Lanes.available() ? REST_ROWS : 1;
    }

    /// Makes `rows` by `columns` elements of the result, for what [#rows(int, int, long)] returned.
    TileKernel main(int rows, int columns) {
        return kernel(rows == rows() ? main : tall, rows, columns);
    }

    /// Makes [#restRows] by `columns` elements of the result.
    TileKernel rest(int columns) {
        return kernel(rest, restRows(), columns);
    }

    /// Whether a tile of `rows` rows can take a depth of `k` in pairs, with elements of the left matrix `step`
    /// bytes apart.
    boolean pairs(int rows, int k, long step) {
        return rows > rows() && dtype == DType.FLOAT32 && step == Float.BYTES && k % 2 == 0;
    }

    /// Makes the high tile of one vector, in pairs.
    TileKernel paired() {
        return Paired.TILE;
    }

    private TileKernel kernel(AtomicReferenceArray<TileKernel> known, int rows, int columns) {
        int vectors = columns / lanes;
        TileKernel kernel = known.get(vectors - 1);
        if (kernel == null) {
            known.compareAndSet(vectors - 1, null, make(rows, vectors));
            kernel = known.get(vectors - 1);
        }
        return kernel;
    }

    private TileKernel make(int rows, int vectors) {
        boolean wide = dtype == DType.FLOAT64;
        return Lanes.available() ? TileWriter.write(rows, vectors, wide) : new ScalarTile(rows, lanes, wide);
    }

    private static final class Paired {
        private static final TileKernel TILE = PairTileWriter.write(TALL_ROWS);
    }

    private static final class Single {
        private static final Tiles TILES = new Tiles(DType.FLOAT32);
    }

    private static final class Double {
        private static final Tiles TILES = new Tiles(DType.FLOAT64);
    }
}
