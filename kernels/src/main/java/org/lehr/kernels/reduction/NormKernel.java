package org.lehr.kernels.reduction;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.parallel.Workers;

/// Sums of squares in float64, over any number of dense arrays. `x [n] → Σ x²`
///
/// float32 elements are squared exactly in float64, so that neither tiny nor huge gradients are lost. Element `i` of a
/// block goes to partial sum `i mod 32`, at every vector width.
public final class NormKernel {

    private static final int BLOCK = Blocks.LENGTH;
    private static final int PARTIALS = 32;
    private static final int BLOCKS_PER_PIECE = 8;

    private NormKernel() {}

    /// The sum by its definition.
    public static double reference(MemorySegment x, long from, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double value = x.getAtIndex(JAVA_FLOAT, from + i);
            sum += value * value;
        }
        return sum;
    }

    /// `√Σ x²` over all elements of all views.
    static double norm(View... views) {
        double sum = 0;
        for (View view : views) {
            sum += squares(view);
        }
        return Math.sqrt(sum);
    }

    private static double squares(View view) {
        long size = view.size();
        double[] partials = new double[Math.toIntExact((size + BLOCK - 1) / BLOCK)];
        Workers.current().forRange(partials.length, BLOCKS_PER_PIECE, (from, to) -> {
            double[] widened = new double[view.dtype() == DType.FLOAT32 ? 0 : BLOCK];
            for (int i = (int) from; i < to; i++) {
                long start = (long) i * BLOCK;
                partials[i] = squares(view, start, (int) Math.min(BLOCK, size - start), widened);
            }
        });
        return Pass.SUM.combine(partials, 0, partials.length, 1);
    }

    private static double squares(View view, long start, int n, double[] widened) {
        MemorySegment x = view.storage().segment();
        long from = view.offset() + start;
        if (view.dtype() == DType.FLOAT32) {
            if (!Lanes.available()) {
                return reference(x, from, n);
            }
            int done = n / PARTIALS * PARTIALS;
            return Simd.squares(x, from * 4, done) + reference(x, from + done, n - done);
        }
        Elements.widen(x, view.dtype(), from, 1, widened, 0, n);
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += widened[i] * widened[i];
        }
        return sum;
    }

    private static final class Simd {

        private static final int LENGTH = Species.F64.length();
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();

        /// `n` is a multiple of 32. Narrow vectors pass over the block several times, each for its part of
        /// every eight.
        static double squares(MemorySegment x, long p, int n) {
            double[] partials = new double[8];
            for (int g = 0; g < 8; g += LENGTH) {
                DoubleVector sum0 = DoubleVector.zero(Species.F64);
                DoubleVector sum1 = sum0;
                DoubleVector sum2 = sum0;
                DoubleVector sum3 = sum0;
                for (int i = g; i < n; i += PARTIALS) {
                    sum0 = add(sum0, x, p + i * 4L);
                    sum1 = add(sum1, x, p + i * 4L + 32);
                    sum2 = add(sum2, x, p + i * 4L + 64);
                    sum3 = add(sum3, x, p + i * 4L + 96);
                }
                sum0.add(sum2).add(sum1.add(sum3)).intoArray(partials, g);
            }
            return Pass.SUM.combine(partials, 0, 8, 1);
        }

        private static DoubleVector add(DoubleVector sum, MemorySegment x, long p) {
            DoubleVector v = (DoubleVector) FloatVector.fromMemorySegment(Species.F32_HALF, x, p, ORDER)
                    .convertShape(VectorOperators.F2D, Species.F64, 0);
            return v.fma(v, sum);
        }
    }
}
