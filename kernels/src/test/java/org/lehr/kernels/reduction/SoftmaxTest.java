package org.lehr.kernels.reduction;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.parallel.Workers;

@Tag("widths")
class SoftmaxTest {

    private static final CpuReductions KERNELS = new CpuReductions();
    private static final int[] LENGTHS = {1, 2, 7, 15, 16, 17, 31, 33, 64, 127, 256, 1009, 9973};

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "FLOAT64", "BFLOAT16"})
    void forwardAndBackwardAgreeWithTheDefinitions(DType dtype) {
        double unit = dtype == DType.FLOAT64 ? 1e-15 : dtype == DType.FLOAT32 ? 1e-6 : 0.01;
        Random random = new Random(1);
        for (int n : LENGTHS) {
            int rows = 5;
            View x = Sample.dense(dtype, i -> 8 * random.nextGaussian(), rows, n);
            View dy = Sample.dense(dtype, i -> random.nextGaussian(), rows, n);
            View y = Sample.dense(dtype, i -> -1, rows, n);
            View dx = Sample.dense(dtype, i -> -1, rows, n);
            KERNELS.softmax(y, x);
            compare("softmax", y, x, x, (out, a, b) -> SoftmaxKernel.reference(out, a), unit);
            KERNELS.softmaxBackward(dx, y, dy);
            compare("softmaxBackward", dx, y, dy, SoftmaxKernel::backwardReference, unit);
            KERNELS.logSoftmax(y, x);
            compare("logSoftmax", y, x, x, (out, a, b) -> LogSoftmaxKernel.reference(out, a), 4 * unit);
            KERNELS.logSoftmaxBackward(dx, y, dy);
            compare("logSoftmaxBackward", dx, y, dy, LogSoftmaxKernel::backwardReference, 4 * unit);
        }
    }

    private static double largest(double[] x) {
        return Arrays.stream(x).map(Math::abs).max().orElse(0);
    }

    /// The tolerance is relative to each number, plus a part of the row's largest result, and largest incoming
    /// gradient, for what cancels in a sum.
    private static void compare(String what, View out, View a, View b, RowMap.Exact exact, double unit) {
        int n = (int) a.shape()[1];
        double[] got = Sample.values(out);
        double[] left = Sample.values(a);
        double[] right = Sample.values(b);
        double[] expected = new double[n];
        for (int row = 0; row < a.shape()[0]; row++) {
            int from = row * n;
            exact.apply(expected, Arrays.copyOfRange(left, from, from + n), Arrays.copyOfRange(right, from, from + n));
            double largest = largest(expected);
            if (what.endsWith("Backward")) {
                largest = Math.max(largest, largest(Arrays.copyOfRange(right, from, from + n)));
            }
            for (int i = 0; i < n; i++) {
                double tolerance = unit * (Math.abs(expected[i]) + largest * Math.log(n + 2.0) + 1e-30);
                assertEquals(expected[i], got[from + i], tolerance, what + " of " + a + " at " + row + ", " + i);
            }
        }
    }

    @Test
    void rowsAddUpToOneAndLargeNumbersDoNotOverflow() {
        for (int n : LENGTHS) {
            View y = Sample.dense(DType.FLOAT32, i -> 0, 3, n);
            KERNELS.softmax(y, Sample.dense(DType.FLOAT32, i -> 1e30 * (i % 2), 3, n));
            assertEquals(3, Arrays.stream(Sample.values(y)).sum(), 1e-5);
            KERNELS.softmax(y, Sample.dense(DType.FLOAT32, i -> -1e30 - i, 3, n));
            assertEquals(3, Arrays.stream(Sample.values(y)).sum(), 1e-5);
        }
    }

    @Test
    void masksAreZeroAndRowsWithoutANumberAreNaN() {
        for (int n : LENGTHS) {
            View x = Sample.dense(DType.FLOAT32, i -> i / n == 0 || i % n > 0 ? Double.NEGATIVE_INFINITY : 3, 2, n);
            View y = Sample.dense(DType.FLOAT32, i -> -1, 2, n);
            View log = Sample.dense(DType.FLOAT32, i -> -1, 2, n);
            KERNELS.softmax(y, x);
            KERNELS.logSoftmax(log, x);
            double[] got = Sample.values(y);
            double[] gotLog = Sample.values(log);
            for (int i = 0; i < n; i++) {
                assertTrue(Double.isNaN(got[i]) && Double.isNaN(gotLog[i]));
                assertEquals(i == 0 ? 1 : 0, got[n + i]);
                assertEquals(i == 0 ? 0 : Double.NEGATIVE_INFINITY, gotLog[n + i]);
            }
            KERNELS.softmax(y, Sample.dense(DType.FLOAT32, i -> i == n - 1 ? Double.NaN : 1, 2, n));
            assertTrue(Double.isNaN(Sample.values(y)[0]));
            assertEquals(1.0 / n, Sample.values(y)[n], 1e-6 / n);
        }
    }

    @Test
    void anyNumberOfThreadsGivesTheSameBits() {
        View x = Sample.dense(DType.FLOAT32, i -> 5 * Math.sin(i), 521, 131);
        double[][] results = new double[3][];
        int[] threads = {1, 2, 5};
        for (int t = 0; t < 3; t++) {
            View y = Sample.dense(DType.FLOAT32, i -> 0, 521, 131);
            Workers.with(threads[t], () -> KERNELS.softmax(y, x));
            results[t] = Sample.values(y);
        }
        assertArrayEquals(results[0], results[1]);
        assertArrayEquals(results[0], results[2]);
    }

    @Test
    void emptyRowsAndScalarsAndErrors() {
        View none = Sample.dense(DType.FLOAT32, i -> 0, 0, 4);
        KERNELS.softmax(none, Sample.dense(DType.FLOAT32, i -> 0, 0, 4));
        View scalar = Sample.dense(DType.FLOAT32, i -> 0);
        KERNELS.softmax(scalar, Sample.dense(DType.FLOAT32, i -> 5));
        assertArrayEquals(new double[] {1}, Sample.values(scalar));
        View ints = Sample.dense(DType.INT32, i -> 0, 4);
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> KERNELS.softmax(ints, ints));
        assertEquals("softmax: expected views of one floating dtype, got int32[4] into int32[4]", error.getMessage());
    }
}
