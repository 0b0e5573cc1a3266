package org.lehr.engine.nn.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class BitLinearTest {

    private static final RandomStream RANDOM = new RandomStream(5);

    @Test
    void weightsHaveThreeValues() {
        for (BitLinear.Scale scale : BitLinear.Scale.values()) {
            float[] values = new BitLinear(17, 11, scale, RANDOM).ternary().toFloatArray();
            assertTrue(Arrays.equals(
                    new double[] {-1, 0, 1},
                    IntStream.range(0, values.length)
                            .mapToDouble(i -> values[i] + 0.0)
                            .distinct()
                            .sorted()
                            .toArray()));
        }
    }

    @Test
    void scalesAreMeanAndMedian() {
        Tensor weight = Tensor.of(new float[] {-1, 2, -3, 10}, 2, 2);
        BitLinear mean = new BitLinear(2, 2, BitLinear.Scale.MEAN, RANDOM);
        mean.weight().set(weight);
        assertEquals(4, mean.gamma(), 1e-4);
        BitLinear median = new BitLinear(2, 2, BitLinear.Scale.MEDIAN, RANDOM);
        median.weight().set(weight);
        assertEquals(2.5, median.gamma(), 1e-4);
        assertArrayEquals(new float[] {0, 1, -1, 1}, median.ternary().toFloatArray(), 1e-7f);
    }

    /// What the rounded weight would have as its gradient is the gradient of the full one.
    @Test
    void gradientsPassTheRounding() {
        BitLinear layer = new BitLinear(8, 3, BitLinear.Scale.MEAN, RANDOM);
        Tensor x = RANDOM.normal(DType.FLOAT32, 5, 8);
        Tensor seed = RANDOM.normal(DType.FLOAT32, 5, 3);
        Tensor y = layer.apply(x);
        y.backward(seed, false);
        // The rounded input is found from the output's gradient by the weight: one row at a time.
        Tensor found = layer.weight().gradient();
        Tensor normal = x.div(x.square().mean(true, -1).add(1e-6).sqrt());
        Tensor expected = seed.transpose(0, 1).matmul(normal);
        double step = normal.abs().max().item() / 127;
        double bound = 0.51 * step * seed.abs().sum(0).max().item();
        assertArrayEquals(expected.toDoubleArray(), found.toDoubleArray(), bound);
        Tensor weight = layer.ternary().mul(layer.gamma());
        assertArrayEquals(
                normal.matmul(weight.transpose(0, 1)).toDoubleArray(),
                y.toDoubleArray(),
                0.51 * step * weight.abs().sum(1).max().item());
    }

    @Test
    void inputsHaveAtMost256StepsPerRow() {
        BitLinear layer = new BitLinear(1000, 1, BitLinear.Scale.MEAN, RANDOM);
        Tensor x = RANDOM.normal(DType.FLOAT32, 1, 1000).requiringGradient();
        layer.apply(x).backward(Tensor.of(new float[] {1}, 1, 1), false);
        float[] seen = layer.weight().gradient().toFloatArray();
        long distinct = IntStream.range(0, seen.length)
                .mapToDouble(i -> seen[i])
                .distinct()
                .count();
        assertTrue(distinct > 50 && distinct <= 256, "" + distinct);
    }
}
