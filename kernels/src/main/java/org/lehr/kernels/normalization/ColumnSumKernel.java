package org.lehr.kernels.normalization;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.Species;

/// `out[j] = Σ_p partials[p, first + j]`: what the pieces of a backward pass found, combined in the order of
/// the pieces.
///
/// `partials [pieces, stride]` with `stride ≥ first + n`, `out [n]`, float32.
public final class ColumnSumKernel {

    /// Pieces are summed in groups of this many first, so that rounding errors grow with groups, not with
    /// pieces.
    private static final int GROUP = 32;

    private ColumnSumKernel() {}

    /// The definition, with sums in float64.
    public static void reference(
            MemorySegment out, MemorySegment partials, long pieces, long stride, long first, long n) {
        for (long j = 0; j < n; j++) {
            double sum = 0;
            for (long p = 0; p < pieces; p++) {
                sum += partials.getAtIndex(JAVA_FLOAT, p * stride + first + j);
            }
            out.setAtIndex(JAVA_FLOAT, j, (float) sum);
        }
    }

    /// [#reference] with sums in float32, by vectors where there are any.
    public static void forward(
            MemorySegment out, MemorySegment partials, long pieces, long stride, long first, long n) {
        long j = Lanes.available() ? Simd.sum(out, partials, pieces, stride, first, n) : 0;
        for (; j < n; j++) {
            float total = 0;
            for (long group = 0; group < pieces; group += GROUP) {
                float sum = 0;
                for (long p = group; p < Math.min(group + GROUP, pieces); p++) {
                    sum += partials.getAtIndex(JAVA_FLOAT, p * stride + first + j);
                }
                total += sum;
            }
            out.setAtIndex(JAVA_FLOAT, j, total);
        }
    }

    private static final class Simd {
        private static final int LANES = Species.F32.length();
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();

        static long sum(MemorySegment out, MemorySegment partials, long pieces, long stride, long first, long n) {
            long j = 0;
            for (; j <= n - LANES; j += LANES) {
                FloatVector total = FloatVector.zero(Species.F32);
                for (long group = 0; group < pieces; group += GROUP) {
                    FloatVector sum = FloatVector.zero(Species.F32);
                    for (long p = group; p < Math.min(group + GROUP, pieces); p++) {
                        long at = 4 * (p * stride + first + j);
                        sum = sum.add(FloatVector.fromMemorySegment(Species.F32, partials, at, ORDER));
                    }
                    total = total.add(sum);
                }
                total.intoMemorySegment(out, 4 * j, ORDER);
            }
            return j;
        }
    }
}
