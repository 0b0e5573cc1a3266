package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.DType;
import org.lehr.kernels.MatmulKernels.Activation;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.Species;

/// Brings a tile from scratch memory to its place in the result, and does there what the [Output] asks for.
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
        boolean simd = tiles.dtype() == DType.FLOAT32 && Lanes.available();
        for (int r = 0; r < rows; r++) {
            long row = (long) r * tiles.columns();
            int done = simd ? Simd.row(tile, row, width, out, i + r, j, more, last) : 0;
            for (int x = done; x < width; x++) {
                element(tiles.dtype(), Element.get(tiles.dtype(), tile, row + x), out, i + r, j + x, more, last);
            }
        }
    }

    private static void element(
            DType dtype, double product, Output out, long i, long j, boolean more, boolean last) {
        Matrix c = out.c();
        long place = c.offset() + i * c.rowStride() + j;
        double value = product;
        if (out.accumulate()) {
            value = out.scale() * value + Element.get(dtype, c.segment(), place);
        } else if (more) {
            value += Element.get(dtype, c.segment(), place);
        }
        if (last) {
            value = out.accumulate() ? value : value * out.scale();
            if (out.bias() != null) {
                value += Element.get(dtype, out.bias().segment(), out.bias().offset() + j);
            }
            if (out.preActivation() != null) {
                Matrix pre = out.preActivation();
                Element.set(dtype, pre.segment(), pre.offset() + i * pre.rowStride() + j, value);
            }
            value = MatmulKernel.activate(out.activation(), value);
            if (out.residual() != null) {
                Matrix residual = out.residual();
                value += Element.get(dtype, residual.segment(), residual.offset() + i * residual.rowStride() + j);
            }
        }
        Element.set(dtype, c.segment(), place, value);
    }

    private static final class Simd {

        private static final VectorSpecies<Float> F32 = Species.F32;
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();
        private static final int LANES = F32.length();

        /// As many whole vectors of a row as there are; returns how many elements that was.
        static int row(
                MemorySegment tile, long from, int width, Output out, long i, long j, boolean more, boolean last) {
            Activation activation = out.activation();
            if (last && activation != Activation.NONE && activation != Activation.RELU) {
                return 0;
            }
            Matrix c = out.c();
            long place = c.offset() + i * c.rowStride() + j;
            int x = 0;
            for (; x <= width - LANES; x += LANES) {
                FloatVector value = load(tile, from + x);
                if (out.accumulate()) {
                    value = value.fma(FloatVector.broadcast(F32, (float) out.scale()), load(c.segment(), place + x));
                } else if (more) {
                    value = value.add(load(c.segment(), place + x));
                }
                if (last) {
                    value = finish(value, out, i, j + x);
                }
                value.intoMemorySegment(c.segment(), (place + x) * Float.BYTES, ORDER);
            }
            return x;
        }

        private static FloatVector finish(FloatVector sum, Output out, long i, long j) {
            FloatVector value = sum;
            if (!out.accumulate() && out.scale() != 1) {
                value = value.mul((float) out.scale());
            }
            if (out.bias() != null) {
                value = value.add(load(out.bias().segment(), out.bias().offset() + j));
            }
            if (out.preActivation() != null) {
                Matrix pre = out.preActivation();
                value.intoMemorySegment(pre.segment(), (pre.offset() + i * pre.rowStride() + j) * Float.BYTES, ORDER);
            }
            if (out.activation() == Activation.RELU) {
                value = value.max(0);
            }
            if (out.residual() != null) {
                Matrix residual = out.residual();
                value = value.add(load(residual.segment(), residual.offset() + i * residual.rowStride() + j));
            }
            return value;
        }

        private static FloatVector load(MemorySegment segment, long index) {
            return FloatVector.fromMemorySegment(F32, segment, index * Float.BYTES, ORDER);
        }
    }
}
