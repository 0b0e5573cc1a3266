package org.lehr.kernels.reduction;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.reduction.BlockKernel.Term;

@Tag("widths")
class BlockKernelTest {

    @Test
    void everyLengthAndPlaceAgreesWithTheReference() {
        Random random = new Random(12);
        View first = Sample.dense(DType.FLOAT32, i -> random.nextGaussian(), 5000);
        View second = Sample.dense(DType.FLOAT32, i -> random.nextGaussian(), 5000);
        MemorySegment a = first.storage().segment();
        MemorySegment b = second.storage().segment();
        for (int n = 0; n <= 4096; n += n < 200 ? 1 : 487) {
            for (int from : new int[] {0, 1, 7}) {
                double tolerance = 1e-6 * (n + 1);
                check(Term.VALUE, a, b, from, n, BlockKernel.sum(a, from, n), tolerance);
                check(Term.ABSOLUTE, a, b, from, n, BlockKernel.sumAbsolute(a, from, n), tolerance);
                check(Term.SQUARE, a, b, from, n, BlockKernel.sumSquares(a, from, n, 0.5f), 4 * tolerance);
                check(Term.PRODUCT, a, b, from, n, BlockKernel.dot(a, from, b, from + 2, n), 4 * tolerance);
            }
        }
    }

    private static void check(
            Term term, MemorySegment a, MemorySegment b, int from, int n, double got, double tolerance) {
        double expected = BlockKernel.reference(term, a, from, b, from + 2, n, 0.5f);
        assertEquals(expected, got, tolerance, term + " of " + n + " from " + from);
    }

    /// The order of additions is stated: partial sums of 64, then of 16, folded in halves. So every width must give
    /// the bits of this plain version.
    @Test
    void theOrderOfAdditionsIsTheStatedOneAtEveryWidth() {
        Random random = new Random(13);
        float[] x = new float[700];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        View view = Sample.dense(DType.FLOAT32, i -> x[i], x.length);
        for (int n = 16; n < x.length; n += 3) {
            if (Lanes.available()) {
                double got = BlockKernel.sum(view.storage().segment(), 0, n);
                assertEquals(stated(x, n), got, "sum of " + n);
            }
        }
    }

    private static float stated(float[] x, int n) {
        float[] sums = new float[64];
        int i = 0;
        for (; i + 64 <= n; i += 64) {
            for (int j = 0; j < 64; j++) {
                sums[j] += x[i + j];
            }
        }
        for (int j = 0; j < 16; j++) {
            sums[j] = sums[j] + sums[j + 32] + (sums[j + 16] + sums[j + 48]);
        }
        for (; i + 16 <= n; i += 16) {
            for (int j = 0; j < 16; j++) {
                sums[j] += x[i + j];
            }
        }
        for (int j = 16 - n % 16; j < 16; j++) {
            sums[j] += x[n - 16 + j];
        }
        for (int half = 8; half > 0; half /= 2) {
            for (int j = 0; j < half; j++) {
                sums[j] += sums[j + half];
            }
        }
        return sums[0];
    }
}
