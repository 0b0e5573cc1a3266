package org.lehr.kernels.reduction;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.lanes.VectorMath;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// Softmax of rows shorter than a vector: some rows are transposed, so that each lane has a row of its own. Needs the
/// vector module. A row's numbers are added one after the other, at every vector width.
final class ShortRows {

    /// Rows transposed at a time, a multiple of every vector's lanes.
    private static final int ROWS = 64;

    private ShortRows() {}

    /// `rows` rows of `n` float32; offsets count elements.
    static void softmax(MemorySegment y, long yFrom, MemorySegment x, long xFrom, int rows, int n) {
        Storage scratch = Pool.host().allocate(4L * ROWS * n, "short softmax rows");
        try {
            MemorySegment lanes = scratch.segment();
            for (int start = 0; start < rows; start += ROWS) {
                int count = Math.min(ROWS, rows - start);
                long skipped = (long) start * n;
                for (int row = 0; row < count; row++) {
                    for (int i = 0; i < n; i++) {
                        float value = x.getAtIndex(JAVA_FLOAT, xFrom + skipped + row * n + i);
                        lanes.setAtIndex(JAVA_FLOAT, i * ROWS + row, value);
                    }
                }
                Simd.softmax(lanes, count, n);
                for (int row = 0; row < count; row++) {
                    for (int i = 0; i < n; i++) {
                        float value = lanes.getAtIndex(JAVA_FLOAT, i * ROWS + row);
                        y.setAtIndex(JAVA_FLOAT, yFrom + skipped + row * n + i, value);
                    }
                }
            }
        } finally {
            scratch.release();
        }
    }

    private static final class Simd {

        private static final VectorSpecies<Float> SPECIES = Species.F32;
        private static final int LENGTH = SPECIES.length();
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();

        /// In place, column by column; lanes beyond `count` compute on what is there.
        static void softmax(MemorySegment lanes, int count, int n) {
            for (int row = 0; row < count; row += LENGTH) {
                FloatVector max = load(lanes, row);
                for (int i = 1; i < n; i++) {
                    max = max.max(load(lanes, i * ROWS + row));
                }
                FloatVector sum = FloatVector.zero(SPECIES);
                for (int i = 0; i < n; i++) {
                    FloatVector e = VectorMath.exp(load(lanes, i * ROWS + row).sub(max));
                    e.intoMemorySegment(lanes, (i * ROWS + row) * 4L, ORDER);
                    sum = sum.add(e);
                }
                for (int i = 0; i < n; i++) {
                    load(lanes, i * ROWS + row).div(sum).intoMemorySegment(lanes, (i * ROWS + row) * 4L, ORDER);
                }
            }
        }

        private static FloatVector load(MemorySegment lanes, int place) {
            return FloatVector.fromMemorySegment(SPECIES, lanes, place * 4L, ORDER);
        }
    }
}
