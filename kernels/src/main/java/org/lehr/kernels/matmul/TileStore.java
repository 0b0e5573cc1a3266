package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.DType;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;

/// Brings a tile from scratch memory to its place in the result, and does there what the [Output] asks for.
///
/// Without an activation this is one pass. With one it is three, all of them inside the first-level cache: up to the
/// activation in scratch memory, the activation over the whole tile, and on to the result.
final class TileStore {

    private TileStore() {}

    /// Stores the first `rows` rows and `width` columns of a tile as element `(i, j)` and following of the result.
    ///
    /// @param more whether `c` holds the sums over the beginning of the depth
    /// @param last whether the tile is the end of the depth
    static void store(
            Tiles tiles,
            MemorySegment tile,
            int rows,
            int width,
            Output out,
            long i,
            long j,
            boolean more,
            boolean last) {
        if (last && out.activation() != null) {
            rows(tiles, tile, rows, width, out, i, j, more ? Pass.ADD_BEFORE : Pass.BEFORE);
            out.activation().apply(tile, 0, rows * tiles.columns());
            rows(tiles, tile, rows, width, out, i, j, Pass.AFTER);
        } else {
            boolean adds = more || out.accumulate();
            Pass whole = adds ? Pass.ADD_WHOLE : Pass.WHOLE;
            Pass partial = adds ? Pass.ADD_PARTIAL : Pass.PARTIAL;
            rows(tiles, tile, rows, width, out, i, j, last ? whole : partial);
        }
    }

    /// What one pass does: whether it begins by adding `c`, whether it does what comes before and what comes after
    /// the activation, and whether it leaves the result in the tile.
    private enum Pass {
        PARTIAL(false, false, false, false),
        ADD_PARTIAL(true, false, false, false),
        WHOLE(false, true, true, false),
        ADD_WHOLE(true, true, true, false),
        BEFORE(false, true, false, true),
        ADD_BEFORE(true, true, false, true),
        AFTER(false, false, true, false);

        final boolean adds;
        final boolean before;
        final boolean after;
        final boolean stays;

        Pass(boolean adds, boolean before, boolean after, boolean stays) {
            this.adds = adds;
            this.before = before;
            this.after = after;
            this.stays = stays;
        }
    }

    private static void rows(
            Tiles tiles, MemorySegment tile, int rows, int width, Output out, long i, long j, Pass pass) {
        boolean simd = tiles.dtype() == DType.FLOAT32 && Lanes.available();
        boolean onlyAdds = pass == Pass.ADD_PARTIAL || pass == Pass.ADD_WHOLE;
        if (Lanes.available() && width == tiles.columns() && onlyAdds && out.isSum(pass == Pass.ADD_WHOLE)) {
            MemorySegment c = out.c().segment();
            if (simd) {
                Simd.add(tile, rows, width, c, out.c().at(i, j), out.c().rowStride());
            } else {
                Wide.add(tile, rows, width, c, out.c().at(i, j), out.c().rowStride());
            }
            return;
        }
        for (int r = 0; r < rows; r++) {
            long row = (long) r * tiles.columns();
            int done = simd ? Simd.row(tile, row, width, out, i + r, j, pass) : 0;
            for (int x = done; x < width; x++) {
                element(tiles.dtype(), tile, row + x, out, i + r, j + x, pass);
            }
        }
    }

    private static void element(DType dtype, MemorySegment tile, long from, Output out, long i, long j, Pass pass) {
        Matrix c = out.c();
        long place = c.at(i, j);
        double value = Element.get(dtype, tile, from);
        // A sum over a part of the depth is scaled at the end of all parts, unless the parts go to foreign sums.
        if (out.accumulate()) {
            value *= out.scale();
        }
        if (pass.adds) {
            value += Element.get(dtype, c.segment(), place);
        }
        if (pass.before) {
            value = out.accumulate() ? value : value * out.scale();
            if (out.bias() != null) {
                value += Element.get(dtype, out.bias().segment(), out.bias().at(0, j));
            }
            if (out.preActivation() != null) {
                Element.set(
                        dtype,
                        out.preActivation().segment(),
                        out.preActivation().at(i, j),
                        value);
            }
        }
        if (pass.after && out.residual() != null) {
            value += Element.get(dtype, out.residual().segment(), out.residual().at(i, j));
        }
        if (pass.stays) {
            Element.set(dtype, tile, from, value);
        } else {
            Element.set(dtype, c.segment(), place, value);
        }
    }

    private static final class Simd {

        private static final VectorSpecies<Float> F32 = Species.F32;
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();
        private static final int LANES = F32.length();

        /// As many whole vectors of a row as there are; returns how many elements that was.
        static int row(MemorySegment tile, long from, int width, Output out, long i, long j, Pass pass) {
            Matrix c = out.c();
            long place = c.at(i, j);
            float scale = (float) out.scale();
            int x = 0;
            for (; x <= width - LANES; x += LANES) {
                FloatVector value = load(tile, from + x);
                if (out.accumulate()) {
                    value = value.fma(FloatVector.broadcast(F32, scale), load(c.segment(), place + x));
                } else if (pass.adds) {
                    value = value.add(load(c.segment(), place + x));
                }
                if (pass.before) {
                    value = before(out.accumulate() ? value : value.mul(scale), out, i, j + x);
                }
                if (pass.after && out.residual() != null) {
                    value = value.add(
                            load(out.residual().segment(), out.residual().at(i, j + x)));
                }
                if (pass.stays) {
                    store(value, tile, from + x);
                } else {
                    store(value, c.segment(), place + x);
                }
            }
            return x;
        }

        /// `c += tile`
        static void add(MemorySegment tile, int rows, int width, MemorySegment c, long place, long stride) {
            for (int r = 0; r < rows; r++) {
                long from = (long) r * width;
                long to = place + r * stride;
                for (int x = 0; x < width; x += LANES) {
                    store(load(tile, from + x).add(load(c, to + x)), c, to + x);
                }
            }
        }

        private static FloatVector before(FloatVector scaled, Output out, long i, long j) {
            FloatVector value = scaled;
            if (out.bias() != null) {
                value = value.add(load(out.bias().segment(), out.bias().at(0, j)));
            }
            if (out.preActivation() != null) {
                store(value, out.preActivation().segment(), out.preActivation().at(i, j));
            }
            return value;
        }

        private static FloatVector load(MemorySegment segment, long index) {
            return FloatVector.fromMemorySegment(F32, NativeMemory.of(segment), index * Float.BYTES, ORDER);
        }

        private static void store(FloatVector value, MemorySegment segment, long index) {
            value.intoMemorySegment(NativeMemory.of(segment), index * Float.BYTES, ORDER);
        }
    }

    private static final class Wide {

        private static final VectorSpecies<Double> F64 = Species.F64;
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();
        private static final int LANES = F64.length();

        /// `c += tile`
        static void add(MemorySegment tile, int rows, int width, MemorySegment c, long place, long stride) {
            for (int r = 0; r < rows; r++) {
                for (int x = 0; x < width; x += LANES) {
                    long to = (place + r * stride + x) * Double.BYTES;
                    DoubleVector value = load(tile, ((long) r * width + x) * Double.BYTES);
                    value.add(load(c, to)).intoMemorySegment(NativeMemory.of(c), to, ORDER);
                }
            }
        }

        private static DoubleVector load(MemorySegment segment, long offset) {
            return DoubleVector.fromMemorySegment(F64, NativeMemory.of(segment), offset, ORDER);
        }
    }
}
