package org.lehr.kernels.convolution;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import org.lehr.kernels.DType;
import org.lehr.kernels.indexing.Addition;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.matmul.Matrix;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// `c (+)= patches·b` without the patches, summed over places: the elements under the filters are read from the padded
/// image where they stand, one at a time, so that any stride will do.
///
/// `[taps, places]·[places, columns] → [taps, columns]`
final class PlaceProduct implements AutoCloseable {

    private static final int ROWS = 6;
    private static final ConcurrentHashMap<Integer, PlaceTile> TILES = new ConcurrentHashMap<>();

    private final MemorySegment image;
    private final int[] places;
    private final int[] taps;
    private final int columns;
    private final Storage tile;

    /// @param columns of the right matrix, dense: what [org.lehr.kernels.matmul.Gemm#columns] tells
    PlaceProduct(Patches patches, int columns) {
        this.image = patches.segment();
        this.places = patches.bytePlaces();
        this.taps = patches.byteTaps();
        this.columns = columns;
        this.tile = Pool.host().allocate((long) ROWS * columns * Float.BYTES, "convolution: tile");
    }

    static boolean suits(DType dtype) {
        return dtype == DType.FLOAT32 && Lanes.available();
    }

    /// Taps `[first, first + count)` over places `[p, p + length)`; `b` begins with place `p`, `c` with the first
    /// tap.
    void run(int first, int count, int p, int length, Matrix b, Matrix c, boolean accumulate) {
        int[] some = Arrays.copyOfRange(places, p, p + length);
        int tiles = Math.ceilDiv(count, ROWS);
        for (int t = 0, i = 0; t < tiles; t++) {
            int rows = Math.ceilDiv(count - i, tiles - t);
            Matrix to = accumulate ? Matrix.rows(tile.segment(), 0, columns) : c.from(i, 0);
            TILES.computeIfAbsent(rows, n -> PlaceTileWriter.write(n, columns * Float.SIZE / Lanes.bits()))
                    .run(
                            length,
                            image,
                            some,
                            taps,
                            first + i,
                            b.segment(),
                            b.offset() * Float.BYTES,
                            to.segment(),
                            to.offset() * Float.BYTES,
                            to.rowStride() * Float.BYTES);
            for (int r = 0; r < rows && accumulate; r++) {
                Addition.add(DType.FLOAT32, c.segment(), c.at(i + r, 0), to.segment(), to.at(r, 0), columns);
            }
            i += rows;
        }
    }

    @Override
    public void close() {
        tile.release();
    }
}
