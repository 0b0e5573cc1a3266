package org.lehr.kernels.matmul;

import org.lehr.kernels.DType;
import org.lehr.kernels.lanes.Lanes;

/// The tile kernels for one element type on this machine: `main` makes `rows` by `columns` elements of the result,
/// `rest` makes `restRows` by `columns` where fewer rows remain.
record Tiles(DType dtype, int rows, int restRows, int columns, TileKernel main, TileKernel rest) {

    private static final int SCALAR_ROWS = 4;
    private static final int SCALAR_COLUMNS = 16;

    /// Bytes of one element.
    int bytes() {
        return dtype.bytes();
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

    private static Tiles make(DType dtype) {
        boolean wide = dtype == DType.FLOAT64;
        if (!Lanes.available()) {
            TileKernel tile = new ScalarTile(SCALAR_ROWS, SCALAR_COLUMNS, wide);
            return new Tiles(dtype, SCALAR_ROWS, SCALAR_ROWS, SCALAR_COLUMNS, tile, tile);
        }
        int columns = 2 * Lanes.bits() / (Byte.SIZE * dtype.bytes());
        // Machines with 512 bits have 32 vector registers, those with 256 have 16.
        int rows = Lanes.bits() == 512 ? 12 : 6;
        int restRows = Lanes.bits() == 512 ? 4 : 2;
        return new Tiles(
                dtype, rows, restRows, columns, TileWriter.write(rows, 2, wide), TileWriter.write(restRows, 2, wide));
    }

    private static final class Single {
        private static final Tiles TILES = make(DType.FLOAT32);
    }

    private static final class Double {
        private static final Tiles TILES = make(DType.FLOAT64);
    }
}
