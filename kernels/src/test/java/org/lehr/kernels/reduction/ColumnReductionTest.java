package org.lehr.kernels.reduction;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.ReductionKernels.Reduction;
import org.lehr.kernels.View;

@Tag("widths")
class ColumnReductionTest {

    private static final CpuReductions KERNELS = new CpuReductions();

    /// Rows are added one after the other in float32, 64 to a block, blocks in float64. Every width, and no vectors
    /// at
    /// all, must give the bits of this plain version.
    @ParameterizedTest
    @CsvSource({"1,16", "3,17", "4,31", "63,37", "64,100", "65,19", "70,48", "131,53", "130,256", "7,4099"})
    void theOrderOfAdditionsIsTheStatedOneAtEveryWidth(int rows, int columns) {
        Random random = new Random(rows);
        float[] x = new float[rows * columns];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        View in = Sample.dense(DType.FLOAT32, i -> x[i], rows, columns);
        View out = Sample.dense(DType.FLOAT32, i -> 0, 1, columns);
        KERNELS.reduce(Reduction.SUM, out, in, 0);
        double[] expected = new double[columns];
        for (int j = 0; j < columns; j++) {
            double total = 0;
            for (int block = 0; block < rows; block += 64) {
                total += block(x, columns, j, block, Math.min(rows, block + 64));
            }
            expected[j] = (float) total;
        }
        assertArrayEquals(expected, Sample.values(out));
    }

    private static float block(float[] x, int columns, int j, int from, int to) {
        float sum = 0;
        for (int r = from; r < to; r++) {
            sum += x[r * columns + j];
        }
        return sum;
    }

    @Test
    void manyRowsAndSeveralChunksMeetWithoutGaps() {
        int rows = 2000;
        int columns = 4129;
        View in = Sample.dense(DType.FLOAT32, i -> i / columns % 3 + i % columns, rows, columns);
        View sum = Sample.dense(DType.FLOAT32, i -> -1, 1, columns);
        View max = Sample.dense(DType.FLOAT32, i -> -1, 1, columns);
        View deviations = Sample.dense(DType.FLOAT32, i -> -1, 1, columns);
        KERNELS.reduce(Reduction.SUM, sum, in, 0);
        KERNELS.reduce(Reduction.MAX, max, in, 0);
        KERNELS.reduce(Reduction.SUM_SQUARED_DEVIATIONS, deviations, in, 0);
        // The rows add 0, 1, 2, 0, 1, ... to each column: 667 times 0, 667 times 1, 666 times 2.
        double mean = 1999 / 2000.0;
        double expected = 667 * mean * mean + 667 * (1 - mean) * (1 - mean) + 666 * (2 - mean) * (2 - mean);
        double[] sums = Sample.values(sum);
        double[] largest = Sample.values(max);
        double[] squares = Sample.values(deviations);
        for (int j = 0; j < columns; j++) {
            assertEquals((float) (2000.0 * j + 1999), sums[j]);
            assertEquals(j + 2, largest[j]);
            assertEquals(expected, squares[j], expected * 1e-3);
        }
        in.storage().release();
    }

    @Test
    void productsKeepTheirRangeOnTheWay() {
        View in = Sample.dense(DType.FLOAT32, i -> i / 20 % 2 == 0 ? 1e20 : 1e-20, 10, 20);
        View out = Sample.dense(DType.FLOAT32, i -> 0, 1, 20);
        KERNELS.reduce(Reduction.PRODUCT, out, in, 0);
        assertEquals(1, Sample.values(out)[19], 1e-5);
    }
}
