package org.lehr.kernels.reduction;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.ReductionKernels.Scan;
import org.lehr.kernels.View;
import org.lehr.kernels.parallel.Workers;

class RunningReductionTest {

    private static final CpuReductions KERNELS = new CpuReductions();
    private static final long[][] SHAPES = {{1}, {97}, {5, 19}, {19, 5}, {3, 7, 37}, {2, 41, 3}, {0, 3}, {3, 0}};

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"BOOL", "UINT8"})
    void everyPrefixAgreesWithTheDefinition(DType dtype) {
        Random random = new Random(4);
        for (long[] shape : SHAPES) {
            for (Scan scan : Scan.values()) {
                IntToDoubleFunction value = dtype.isFloating()
                        ? i -> scan == Scan.PRODUCT ? 1 + 0.1 * random.nextGaussian() : random.nextGaussian()
                        : i -> scan == Scan.PRODUCT ? 1 - 2 * random.nextInt(2) : random.nextInt(19) - 9;
                View in = Sample.scattered(random, dtype, value, shape);
                for (int d = 0; d < shape.length; d++) {
                    for (boolean reverse : new boolean[] {false, true}) {
                        View out = Sample.scattered(random, dtype, i -> 0, shape);
                        KERNELS.scan(scan, out, in, d, reverse);
                        check(scan, out, in, d, reverse);
                    }
                }
            }
        }
    }

    private static void check(Scan scan, View out, View in, int dimension, boolean reverse) {
        double[] x = Sample.values(in);
        double[] got = Sample.values(out);
        int n = (int) in.shape()[dimension];
        int step = (int) View.rowMajorStrides(in.shape())[dimension];
        double unit = in.dtype() == DType.FLOAT64 ? 1e-14 : in.dtype() == DType.FLOAT32 ? 1e-6 : 0.008;
        for (int i = 0; i < x.length; i++) {
            int at = i / step % n;
            double expected = scan == Scan.SUM ? 0 : scan == Scan.PRODUCT ? 1 : Double.NEGATIVE_INFINITY;
            for (int j = reverse ? n - 1 : 0; reverse ? j >= at : j <= at; j += reverse ? -1 : 1) {
                double value = x[i + (j - at) * step];
                expected = switch (scan) {
                    case SUM -> expected + value;
                    case PRODUCT -> expected * value;
                    case MAX -> Math.max(expected, value);
                };
            }
            assertEquals(expected, got[i], unit * (1 + Math.abs(expected)), scan + " of " + in + " at " + i);
        }
    }

    @Test
    void maximaStayNaNOnceTheyAre() {
        View out = Sample.dense(DType.FLOAT32, i -> 0, 5);
        KERNELS.scan(Scan.MAX, out, Sample.dense(DType.FLOAT32, i -> i == 2 ? Double.NaN : i, 5), 0, false);
        double[] got = Sample.values(out);
        assertEquals(1, got[1]);
        assertTrue(Double.isNaN(got[2]) && Double.isNaN(got[4]));
    }

    @Test
    void anyNumberOfThreadsGivesTheSameBits() {
        View in = Sample.dense(DType.FLOAT32, i -> Math.sin(i), 301, 997);
        for (int d = 0; d < 2; d++) {
            int dimension = d;
            View one = Sample.dense(DType.FLOAT32, i -> 0, 301, 997);
            View five = Sample.dense(DType.FLOAT32, i -> 0, 301, 997);
            Workers.with(1, () -> KERNELS.scan(Scan.SUM, one, in, dimension, false));
            Workers.with(5, () -> KERNELS.scan(Scan.SUM, five, in, dimension, false));
            assertArrayEquals(Sample.values(one), Sample.values(five));
        }
    }

    @Test
    void errorsNameBothViews() {
        View in = Sample.dense(DType.FLOAT32, i -> 0, 3);
        View out = Sample.dense(DType.FLOAT32, i -> 0, 4);
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> KERNELS.scan(Scan.SUM, out, in, 0, false));
        assertEquals("scan: expected views of one shape and dtype, got float32[3] into float32[4]", error.getMessage());
    }
}
