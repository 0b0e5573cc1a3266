package org.lehr.kernels.reduction;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

@Tag("widths")
class ArgumentReductionTest {

    private static final CpuReductions KERNELS = new CpuReductions();
    private static final long[][] SHAPES = {{1}, {17}, {9001}, {5, 33}, {33, 5}, {3, 67, 7}};

    @ParameterizedTest
    @EnumSource(DType.class)
    void theFirstOfTheBestIsFoundAndNaNBeforeAll(DType dtype) {
        Random random = new Random(6);
        IntToDoubleFunction value = switch (dtype) {
            case FLOAT32, FLOAT64, BFLOAT16 -> i -> random.nextInt(200) == 0 ? Double.NaN : random.nextInt(50);
            case INT64, INT32 -> i -> random.nextInt(50) - 25;
            case UINT8 -> i -> random.nextInt(256);
            case BOOL -> i -> random.nextInt(2);
        };
        for (long[] shape : SHAPES) {
            for (int d = 0; d < shape.length; d++) {
                View in = Sample.scattered(random, dtype, value, shape);
                for (boolean largest : new boolean[] {true, false}) {
                    View out = Sample.scattered(random, DType.INT64, i -> -1, Sample.reduced(shape, d));
                    KERNELS.argument(largest, out, in, d);
                    assertArrayEquals(expected(largest, in, d), Sample.values(out), dtype + " along " + d);
                }
            }
        }
    }

    private static double[] expected(boolean largest, View in, int dimension) {
        double[] x = Sample.values(in);
        int n = (int) in.shape()[dimension];
        int step = (int) View.rowMajorStrides(in.shape())[dimension];
        double[] places = new double[x.length / n];
        for (int i = 0; i < places.length; i++) {
            int base = i / step * step * n + i % step;
            int best = 0;
            for (int j = 1; j < n && !Double.isNaN(x[base + best * step]); j++) {
                double candidate = x[base + j * step];
                double current = x[base + best * step];
                if (Double.isNaN(candidate) || (largest ? candidate > current : candidate < current)) {
                    best = j;
                }
            }
            places[i] = best;
        }
        return places;
    }

    @Test
    void infinitiesOnlyGiveTheFirst() {
        View out = Sample.dense(DType.INT64, i -> -1, 1);
        KERNELS.argument(true, out, Sample.dense(DType.FLOAT32, i -> Double.NEGATIVE_INFINITY, 40), 0);
        assertEquals(0, Sample.values(out)[0]);
        KERNELS.argument(false, out, Sample.dense(DType.FLOAT64, i -> Double.POSITIVE_INFINITY, 40), 0);
        assertEquals(0, Sample.values(out)[0]);
    }

    @Test
    void anEmptyDimensionIsAnError() {
        View out = Sample.dense(DType.INT64, i -> -1, 3, 1);
        View in = Sample.dense(DType.FLOAT32, i -> 0, 3, 0);
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> KERNELS.argument(true, out, in, 1));
        assertEquals("argmax: dimension 1 of float32[3, 0] has no elements to choose from", error.getMessage());
        KERNELS.argument(true, Sample.dense(DType.INT64, i -> 0, 1, 0), Sample.dense(DType.FLOAT32, i -> 0, 3, 0), 0);
    }
}
