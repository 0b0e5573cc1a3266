package org.lehr.kernels.reduction;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Comparator;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.parallel.Workers;

class SortedRowsTest {

    private static final CpuReductions KERNELS = new CpuReductions();

    @ParameterizedTest
    @EnumSource(DType.class)
    void sortsAndSelectsStably(DType dtype) {
        Random random = new Random(9);
        for (int n : new int[] {1, 2, 3, 31, 257, 1009}) {
            IntToDoubleFunction value = switch (dtype) {
                case FLOAT32, FLOAT64, BFLOAT16 -> i -> special(random);
                case INT64, INT32 -> i -> random.nextInt(41) - 20;
                case UINT8 -> i -> random.nextInt(256);
                case BOOL -> i -> random.nextInt(2);
            };
            View x = Sample.dense(dtype, value, 3, n);
            for (boolean descending : new boolean[] {false, true}) {
                View values = Sample.dense(dtype, i -> 0, 3, n);
                View indices = Sample.dense(DType.INT64, i -> 0, 3, n);
                KERNELS.sort(values, indices, x, descending);
                check(values, indices, x, n, descending);
                for (int k : new int[] {0, 1, 2, n / 2, 65, n}) {
                    if (k <= n) {
                        View best = Sample.dense(dtype, i -> 0, 3, k);
                        View places = Sample.dense(DType.INT64, i -> 0, 3, k);
                        KERNELS.topK(best, places, x, descending);
                        check(best, places, x, k, descending);
                    }
                }
            }
        }
    }

    private static double special(Random random) {
        return switch (random.nextInt(12)) {
            case 0 -> Double.NaN;
            case 1 -> Double.POSITIVE_INFINITY;
            case 2 -> Double.NEGATIVE_INFINITY;
            case 3 -> 0.0;
            case 4 -> -0.0;
            case 5 -> 1e-40;
            default -> random.nextInt(100) / 4.0 - 12;
        };
    }

    private static void check(View values, View indices, View x, int k, boolean descending) {
        int n = (int) x.shape()[1];
        double[] all = Sample.values(x);
        double[] got = Sample.values(values);
        double[] places = Sample.values(indices);
        for (int row = 0; row < x.shape()[0]; row++) {
            int from = row * n;
            // Adding 0 makes −0 equal to +0; Double.compare already has NaN above all.
            Comparator<Integer> order = Comparator.comparingDouble(i -> all[from + i] + 0.0);
            int[] expected = IntStream.range(0, n)
                    .boxed()
                    .sorted(descending ? order.reversed() : order)
                    .mapToInt(i -> i)
                    .limit(k)
                    .toArray();
            for (int i = 0; i < k; i++) {
                assertEquals(expected[i], places[row * k + i], "place of number " + i + " of " + x);
                assertEquals(all[from + expected[i]], got[row * k + i]);
            }
        }
    }

    @Test
    void aLongRowIsSortedByAnyNumberOfThreads() {
        int n = 150_001;
        Random random = new Random(2);
        View x = Sample.dense(DType.FLOAT32, i -> random.nextInt(5000), 1, n);
        double[][] places = new double[3][];
        int[] threads = {1, 2, 5};
        for (int t = 0; t < 3; t++) {
            View values = Sample.dense(DType.FLOAT32, i -> 0, 1, n);
            View indices = Sample.dense(DType.INT64, i -> 0, 1, n);
            Workers.with(threads[t], () -> KERNELS.sort(values, indices, x, true));
            places[t] = Sample.values(indices);
            check(values, indices, x, n, true);
        }
        assertArrayEquals(places[0], places[1]);
        assertArrayEquals(places[0], places[2]);
    }

    @Test
    void theWholeRangeOfIntegersIsOrdered() {
        View x = Sample.dense(DType.INT64, i -> new double[] {0x1p62, -0x1p63, 5, -5, 0}[i], 1, 5);
        View values = Sample.dense(DType.INT64, i -> 0, 1, 5);
        View indices = Sample.dense(DType.INT64, i -> 0, 1, 5);
        KERNELS.sort(values, indices, x, false);
        assertArrayEquals(new double[] {1, 3, 4, 2, 0}, Sample.values(indices));
        KERNELS.sort(values, indices, x, true);
        assertArrayEquals(new double[] {0, 2, 4, 3, 1}, Sample.values(indices));
    }

    @Test
    void emptyRowsAndErrors() {
        View none = Sample.dense(DType.FLOAT32, i -> 0, 0, 5);
        View noIndices = Sample.dense(DType.INT64, i -> 0, 0, 5);
        KERNELS.sort(none, noIndices, none, false);
        View x = Sample.dense(DType.FLOAT32, i -> i, 2, 3);
        View four = Sample.dense(DType.FLOAT32, i -> 0, 2, 4);
        View indices = Sample.dense(DType.INT64, i -> 0, 2, 4);
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> KERNELS.topK(four, indices, x, true));
        assertEquals("topK: k = 4 exceeds the 3 elements of a row of float32[2, 3]", error.getMessage());
        assertThrows(IllegalArgumentException.class, () -> KERNELS.sort(four, four, four, true));
    }
}
