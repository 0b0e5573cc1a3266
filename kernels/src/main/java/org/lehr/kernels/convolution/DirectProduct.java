package org.lehr.kernels.convolution;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.concurrent.ConcurrentHashMap;
import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.DType;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.matmul.Matrix;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// `y = filters·patches` without the patches: where neighbouring places see neighbouring elements, the padded
/// image is read where it stands, a vector of places at a time, from the filters' elements one after another.
///
/// Tiles have up to 6 filters by 4 vectors at 512 bits; with 12 by 2 or 5 by 4 a convolution with its gradients takes 2
/// to 5% more. A row of the result whose length is not a multiple of a vector has a last vector that overlaps the
/// one before.
final class DirectProduct implements AutoCloseable {

    /// How much longer, by these overlaps, the work may become.
    private static final double MOST_OVERLAP = 1.25;

    /// Filters of a tile at most.
    private static final int HEIGHT = 6;

    /// Vectors of a tile: machines with 512 bits have 32 vector registers, those with 256 have 16.
    private static final int VECTORS = Lanes.bits() == 512 ? 4 : 2;

    private static final ConcurrentHashMap<Integer, DirectTile> TILES = new ConcurrentHashMap<>();

    private final Filters filters;
    private final Window window;
    private final int[] heights;
    private final DirectTile[] tiles;
    private final Storage packed;

    /// Packs the filters: those of a tile side by side, so that one pointer leads through them.
    DirectProduct(Filters filters, Window window) {
        this.filters = filters;
        this.window = window;
        int count = filters.count();
        heights = new int[Math.ceilDiv(count, HEIGHT)];
        tiles = new DirectTile[heights.length];
        for (int t = 0, o = 0; t < heights.length; o += heights[t++]) {
            heights[t] = Math.ceilDiv(count - o, heights.length - t);
            tiles[t] = TILES.computeIfAbsent(heights[t], rows -> DirectTileWriter.write(rows, VECTORS));
        }
        long floats = Math.multiplyExact((long) filters.groups() * count, (long) window.depth());
        packed = Pool.host().allocate(floats * Float.BYTES, "convolution: packed filters");
        MemorySegment to = packed.segment();
        MemorySegment from = filters.storage().segment();
        for (int group = 0; group < filters.groups(); group++) {
            for (int t = 0, o = 0; t < heights.length; o += heights[t++]) {
                long first = (long) group * count + o;
                for (int r = 0; r < heights[t]; r++) {
                    for (int p = 0; p < window.depth(); p++) {
                        float element = from.getAtIndex(JAVA_FLOAT, (first + r) * filters.row() + p);
                        to.setAtIndex(JAVA_FLOAT, first * window.depth() + (long) p * heights[t] + r, element);
                    }
                }
            }
        }
    }

    static boolean suits(DType dtype, Window window) {
        if (!Lanes.available() || dtype != DType.FLOAT32 || window.strideX() != 1) {
            return false;
        }
        int columns = window.columns();
        return columns >= lanes() && (double) Math.ceilDiv(columns, lanes()) * lanes() <= MOST_OVERLAP * columns;
    }

    private static int lanes() {
        return Lanes.bits() / Float.SIZE;
    }

    /// `rows` rows of the result of one group of one image.
    ///
    /// @param out the first of them, of all planes
    void run(Patches patches, int group, int rows, Matrix out) {
        int perRow = Math.ceilDiv(window.columns(), lanes());
        int total = rows * perRow;
        long[] places = new long[2 * VECTORS];
        int[] taps = patches.byteTaps();
        long filter = (long) window.depth() * Float.BYTES;
        long begin = (long) group * filters.count() * filter;
        long plane = out.rowStride() * Float.BYTES;
        for (int v = 0; v < total; v += VECTORS) {
            for (int j = 0; j < VECTORS; j++) {
                int vector = Math.min(v + j, total - 1);
                int y = vector / perRow;
                int x = Math.min(vector % perRow * lanes(), window.columns() - lanes());
                places[j] = patches.byteOffset(y, x);
                places[VECTORS + j] = (out.offset() + (long) y * window.columns() + x) * Float.BYTES;
            }
            for (int t = 0, o = 0; t < tiles.length; o += heights[t++]) {
                tiles[t].run(
                        window.depth(),
                        packed.segment(),
                        begin + o * filter,
                        patches.segment(),
                        taps,
                        out.segment(),
                        o * plane,
                        plane,
                        places);
            }
        }
        if (filters.depth() > window.depth()) {
            addBiases(group, rows, out);
        }
    }

    private void addBiases(int group, int rows, Matrix out) {
        for (int o = 0; o < filters.count(); o++) {
            long place = ((long) group * filters.count() + o) * filters.row() + window.depth();
            float bias = filters.storage().segment().getAtIndex(JAVA_FLOAT, place);
            Simd.add(out.segment(), out.at(o, 0) * Float.BYTES, rows * window.columns(), bias);
        }
    }

    @Override
    public void close() {
        packed.release();
    }

    private static final class Simd {

        /// Adds a bias to floats that are still in cache.
        static void add(MemorySegment segment, long at, int count, float bias) {
            MemorySegment y = NativeMemory.of(segment);
            int lanes = Species.F32.length();
            int j = 0;
            for (; j <= count - lanes; j += lanes) {
                FloatVector.fromMemorySegment(Species.F32, y, at + 4L * j, ByteOrder.nativeOrder())
                        .add(bias)
                        .intoMemorySegment(y, at + 4L * j, ByteOrder.nativeOrder());
            }
            for (; j < count; j++) {
                y.set(JAVA_FLOAT, at + 4L * j, y.get(JAVA_FLOAT, at + 4L * j) + bias);
            }
        }
    }
}
