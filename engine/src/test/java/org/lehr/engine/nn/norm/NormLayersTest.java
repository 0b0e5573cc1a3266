package org.lehr.engine.nn.norm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class NormLayersTest {

    private static final RandomStream RANDOM = new RandomStream(3);

    private static Tensor normal(long... extents) {
        return new RandomStream(29).normal(DType.FLOAT32, extents);
    }

    @Test
    void gradients() {
        LayerGradient.check(new BatchNorm(3), 5, 3, 2);
        LayerGradient.check(new BatchNorm(3, new BatchNorm.Form(1e-3, 0.3, 3)), 7, 3, 1, 2);
        LayerGradient.check(new GroupNorm(2, 4, 1e-3), 2, 4, 3);
        LayerGradient.check(GroupNorm.instance(2, 1e-3), 2, 2, 3, 2);
        LayerGradient.check(new WeightNorm(new Linear(3, 2, true, RANDOM)), 4, 3);
    }

    @Test
    void gradientsInUse() {
        BatchNorm layer = new BatchNorm(3);
        layer.apply(normal(7, 3, 2));
        layer.train(false);
        LayerGradient.check(layer, 5, 3, 2);
    }

    @Test
    void batchesAreCentredAndScaled() {
        Tensor y = new BatchNorm(5).apply(normal(17, 5, 3).mul(4).add(2));
        assertArrayEquals(new float[5], y.mean(0, 2).toFloatArray(), 1e-6f);
        float[] ones = new float[5];
        Arrays.fill(ones, 1);
        assertArrayEquals(ones, y.square().mean(0, 2).toFloatArray(), 1e-4f);
    }

    @Test
    void runningStatisticsFollowTheBatches() {
        BatchNorm layer = new BatchNorm(1, new BatchNorm.Form(0, 0.25, 0));
        layer.apply(Tensor.of(new float[] {1, 2, 6}, 3, 1));
        assertEquals(0.25 * 3, layer.runningMean().toDoubleArray()[0], 1e-6);
        assertEquals(0.75 + 0.25 * 7, layer.runningVariance().toDoubleArray()[0], 1e-6);
        layer.train(false);
        double y = layer.apply(Tensor.of(new float[] {4}, 1, 1)).item();
        assertEquals((4 - 0.75) / Math.sqrt(2.5), y, 1e-5);
        layer.resetStatistics();
        assertEquals(4, layer.apply(Tensor.of(new float[] {4}, 1, 1)).item(), 0);
    }

    @Test
    void ghostBatchesAreNormalisedApart() {
        Tensor x = normal(8, 2);
        Tensor whole = new BatchNorm(2, new BatchNorm.Form(1e-5, 0.1, 4)).apply(x);
        Tensor part = new BatchNorm(2).apply(x.slice(0, 4, 8));
        assertArrayEquals(part.toFloatArray(), whole.slice(0, 4, 8).toFloatArray());
    }

    @Test
    void lengthsAndDirectionsBeginAsTheWeight() {
        Linear linear = new Linear(5, 3, true, RANDOM);
        Tensor x = normal(2, 5);
        assertArrayEquals(
                linear.apply(x).toFloatArray(), new WeightNorm(linear).apply(x).toFloatArray(), 1e-6f);
    }

    @Test
    void theLargestSingularValueBecomesOne() {
        Linear linear = new Linear(4, 4, false, RANDOM);
        linear.weight().set(Tensor.of(new float[] {3, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0.5f}, 4, 4));
        SpectralNorm layer = new SpectralNorm(linear, 3, RANDOM);
        for (int i = 0; i < 20; i++) {
            layer.apply(normal(1, 4));
        }
        Tensor unit = Tensor.of(new float[] {1, 0, 0, 0}, 1, 4);
        assertArrayEquals(new float[] {1, 0, 0, 0}, layer.apply(unit).toFloatArray(), 1e-5f);
    }

    @Test
    void spectralGradientsTakeTheVectorsAsConstants() {
        SpectralNorm layer = new SpectralNorm(new Linear(3, 2, true, RANDOM), 2, RANDOM);
        layer.train(false);
        LayerGradient.check(layer, 4, 3);
    }

    @Test
    void badInputIsNamed() {
        String channels = assertThrows(ShapeMismatchException.class, () -> new BatchNorm(3).apply(normal(2, 4)))
                .getMessage();
        assertTrue(channels.contains("batch norm") && channels.contains("[2, 4]"), channels);
        assertThrows(IllegalArgumentException.class, () -> new BatchNorm(3).apply(normal(1, 3)));
        assertThrows(IllegalArgumentException.class, () -> new GroupNorm(2, 3, 0));
        assertThrows(IllegalArgumentException.class, () -> new WeightNorm(new BatchNorm(3)));
        assertThrows(IllegalArgumentException.class, () -> new BatchNorm.Form(0, 0, 0));
    }
}
