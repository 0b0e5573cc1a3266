package org.lehr.kernels.reduction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.parallel.Workers;

@Tag("widths")
class NormKernelTest {

    private static final CpuReductions KERNELS = new CpuReductions();

    @Test
    void agreesWithTheDefinitionOverSeveralViews() {
        Random random = new Random(8);
        View[] views = {
            Sample.dense(DType.FLOAT32, i -> random.nextGaussian(), 3, 67),
            Sample.dense(DType.FLOAT32, i -> random.nextGaussian(), 70_001),
            Sample.dense(DType.FLOAT32, i -> random.nextGaussian()),
            Sample.dense(DType.FLOAT32, i -> random.nextGaussian(), 0, 5),
            Sample.dense(DType.FLOAT64, i -> random.nextGaussian(), 4099),
            Sample.dense(DType.BFLOAT16, i -> random.nextGaussian(), 31),
        };
        double sum = 0;
        for (View view : views) {
            sum += Arrays.stream(Sample.values(view)).map(x -> x * x).sum();
        }
        double expected = Math.sqrt(sum);
        double one = Workers.with(1, () -> KERNELS.globalNorm(views));
        double five = Workers.with(5, () -> KERNELS.globalNorm(views));
        assertEquals(expected, one, expected * 1e-12);
        assertEquals(one, five);
        assertEquals(0, KERNELS.globalNorm());
    }

    @Test
    void tinyAndHugeNumbersAreNotLost() {
        View tiny = Sample.dense(DType.FLOAT32, i -> 1e-30, 100);
        assertEquals(1e-29, KERNELS.globalNorm(tiny), 1e-35);
        View huge = Sample.dense(DType.FLOAT32, i -> 1e30, 100);
        assertEquals(1e31, KERNELS.globalNorm(huge), 1e24);
        View broken = Sample.dense(DType.FLOAT32, i -> i == 77 ? Double.NaN : 1, 100);
        assertTrue(Double.isNaN(KERNELS.globalNorm(broken)));
    }

    @Test
    void stridedViewsAreRefused() {
        View dense = Sample.dense(DType.FLOAT32, i -> 1, 3, 4);
        View strided = new View(dense.storage(), DType.FLOAT32, 0, new long[] {4, 3}, new long[] {1, 4});
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> KERNELS.globalNorm(dense, strided));
        assertEquals(
                "globalNorm: expected dense views of a floating dtype, got float32[4, 3] with strides [1, 4]",
                error.getMessage());
    }
}
