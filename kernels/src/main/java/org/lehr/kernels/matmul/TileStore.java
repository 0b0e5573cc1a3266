package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
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

    /// `c += tile`, for a tile with `columns` elements from one row to the next.
    static void add(Tiles tiles, MemorySegment tile, int columns, int rows, int width, Matrix c) {
        if (!Lanes.available()) {
            for (int r = 0; r < rows; r++) {
                for (int x = 0; x < width; x++) {
                    double sum = Element.get(tiles.dtype(), tile, (long) r * columns + x)
                            + Element.get(tiles.dtype(), c.segment(), c.at(r, x));
                    Element.set(tiles.dtype(), c.segment(), c.at(r, x), sum);
                }
            }
        } else if (tiles.dtype() == DType.FLOAT32) {
            Simd.add(tile, columns, rows, width, c);
        } else {
            Wide.add(tile, columns, rows, width, c);
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
        boolean onlyAdds = pass == Pass.ADD_PARTIAL || pass == Pass.ADD_WHOLE;
        if (Lanes.available() && onlyAdds && out.isSum(pass == Pass.ADD_WHOLE)) {
            add(tiles, tile, tiles.columns(), rows, width, out.c().from(i, j));
            return;
        }
        for (int r = 0; r < rows; r++) {
            long row = (long) r * tiles.columns();
            if (!Lanes.available()) {
                for (int x = 0; x < width; x++) {
                    element(tiles.dtype(), tile, row + x, out, i + r, j + x, pass);
                }
            } else if (tiles.dtype() == DType.FLOAT32) {
                Simd.row(tile, row, width, out, i + r, j, pass);
            } else {
                Wide.row(tile, row, width, out, i + r, j, pass);
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

        static void row(MemorySegment tile, long from, int width, Output out, long i, long j, Pass pass) {
            int x = 0;
            for (; x <= width - LANES; x += LANES) {
                vector(tile, from + x, F32.maskAll(true), out, i, j + x, pass);
            }
            if (x < width) {
                vector(tile, from + x, F32.indexInRange(x, width), out, i, j + x, pass);
            }
        }

        private static void vector(
                MemorySegment tile, long from, VectorMask<Float> mask, Output out, long i, long j, Pass pass) {
            Matrix c = out.c();
            float scale = (float) out.scale();
            FloatVector value = load(tile, from, mask);
            if (out.accumulate()) {
                value = value.fma(FloatVector.broadcast(F32, scale), load(c.segment(), c.at(i, j), mask));
            } else if (pass.adds) {
                value = value.add(load(c.segment(), c.at(i, j), mask));
            }
            if (pass.before) {
                value = out.accumulate() ? value : value.mul(scale);
                if (out.bias() != null) {
                    value = value.add(load(out.bias().segment(), out.bias().at(0, j), mask));
                }
                if (out.preActivation() != null) {
                    store(
                            value,
                            out.preActivation().segment(),
                            out.preActivation().at(i, j),
                            mask);
                }
            }
            if (pass.after && out.residual() != null) {
                value = value.add(load(out.residual().segment(), out.residual().at(i, j), mask));
            }
            if (pass.stays) {
                store(value, tile, from, mask);
            } else {
                store(value, c.segment(), c.at(i, j), mask);
            }
        }

        /// `c += tile`
        static void add(MemorySegment tile, int columns, int rows, int width, Matrix c) {
            VectorMask<Float> rest = F32.indexInRange(0, width % LANES);
            for (int r = 0; r < rows; r++) {
                long from = (long) r * columns;
                long to = c.at(r, 0);
                int x = 0;
                for (; x <= width - LANES; x += LANES) {
                    store(load(tile, from + x).add(load(c.segment(), to + x)), c.segment(), to + x);
                }
                if (x < width) {
                    store(load(tile, from + x).add(load(c.segment(), to + x, rest)), c.segment(), to + x, rest);
                }
            }
        }

        private static FloatVector load(MemorySegment segment, long index) {
            return FloatVector.fromMemorySegment(F32, NativeMemory.of(segment), index * Float.BYTES, ORDER);
        }

        private static void store(FloatVector value, MemorySegment segment, long index) {
            value.intoMemorySegment(NativeMemory.of(segment), index * Float.BYTES, ORDER);
        }

        private static FloatVector load(MemorySegment segment, long index, VectorMask<Float> mask) {
            return FloatVector.fromMemorySegment(F32, NativeMemory.of(segment), index * Float.BYTES, ORDER, mask);
        }

        private static void store(FloatVector value, MemorySegment segment, long index, VectorMask<Float> mask) {
            value.intoMemorySegment(NativeMemory.of(segment), index * Float.BYTES, ORDER, mask);
        }
    }

    private static final class Wide {

        private static final VectorSpecies<Double> F64 = Species.F64;
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();
        private static final int LANES = F64.length();

        static void row(MemorySegment tile, long from, int width, Output out, long i, long j, Pass pass) {
            int x = 0;
            for (; x <= width - LANES; x += LANES) {
                vector(tile, from + x, F64.maskAll(true), out, i, j + x, pass);
            }
            if (x < width) {
                vector(tile, from + x, F64.indexInRange(x, width), out, i, j + x, pass);
            }
        }

        private static void vector(
                MemorySegment tile, long from, VectorMask<Double> mask, Output out, long i, long j, Pass pass) {
            Matrix c = out.c();
            double scale = out.scale();
            DoubleVector value = load(tile, from, mask);
            if (out.accumulate()) {
                value = value.fma(DoubleVector.broadcast(F64, scale), load(c.segment(), c.at(i, j), mask));
            } else if (pass.adds) {
                value = value.add(load(c.segment(), c.at(i, j), mask));
            }
            if (pass.before) {
                value = out.accumulate() ? value : value.mul(scale);
                if (out.bias() != null) {
                    value = value.add(load(out.bias().segment(), out.bias().at(0, j), mask));
                }
                if (out.preActivation() != null) {
                    store(
                            value,
                            out.preActivation().segment(),
                            out.preActivation().at(i, j),
                            mask);
                }
            }
            if (pass.after && out.residual() != null) {
                value = value.add(load(out.residual().segment(), out.residual().at(i, j), mask));
            }
            if (pass.stays) {
                store(value, tile, from, mask);
            } else {
                store(value, c.segment(), c.at(i, j), mask);
            }
        }

        /// `c += tile`
        static void add(MemorySegment tile, int columns, int rows, int width, Matrix c) {
            VectorMask<Double> rest = F64.indexInRange(0, width % LANES);
            for (int r = 0; r < rows; r++) {
                long from = (long) r * columns;
                long to = c.at(r, 0);
                int x = 0;
                for (; x <= width - LANES; x += LANES) {
                    store(load(tile, from + x).add(load(c.segment(), to + x)), c.segment(), to + x);
                }
                if (x < width) {
                    store(load(tile, from + x).add(load(c.segment(), to + x, rest)), c.segment(), to + x, rest);
                }
            }
        }

        private static DoubleVector load(MemorySegment segment, long index) {
            return DoubleVector.fromMemorySegment(F64, NativeMemory.of(segment), index * Double.BYTES, ORDER);
        }

        private static void store(DoubleVector value, MemorySegment segment, long index) {
            value.intoMemorySegment(NativeMemory.of(segment), index * Double.BYTES, ORDER);
        }

        private static DoubleVector load(MemorySegment segment, long index, VectorMask<Double> mask) {
            return DoubleVector.fromMemorySegment(F64, NativeMemory.of(segment), index * Double.BYTES, ORDER, mask);
        }

        private static void store(DoubleVector value, MemorySegment segment, long index, VectorMask<Double> mask) {
            value.intoMemorySegment(NativeMemory.of(segment), index * Double.BYTES, ORDER, mask);
        }
    }
}
