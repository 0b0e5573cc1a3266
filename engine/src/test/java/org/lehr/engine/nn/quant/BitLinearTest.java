package org.lehr.engine.nn.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lehr.engine.io.SafetensorsFile;
import org.lehr.engine.io.SafetensorsWriter;
import org.lehr.engine.io.TensorSource;
import org.lehr.engine.nn.WeightNames;
import org.lehr.engine.nn.Weights;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

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
    void packedWeightsGiveTheSame() {
        for (BitLinear.Scale scale : BitLinear.Scale.values()) {
            BitLinear layer = new BitLinear(77, 35, scale, RANDOM);
            layer.train(false);
            PackedBitLinear packed = layer.packed();
            assertEquals(35 * 5, packed.state().get("weight").size());
            for (int rows : new int[] {1, 3, 40}) {
                Tensor x = RANDOM.normal(DType.FLOAT32, rows, 77).requiringGradient();
                Tensor seed = RANDOM.normal(DType.FLOAT32, rows, 35);
                Tensor expected = layer.apply(x);
                expected.backward(seed, false);
                Tensor again = x.detach().requiringGradient();
                Tensor found = packed.apply(again);
                found.backward(seed, false);
                assertArrayEquals(expected.toFloatArray(), found.toFloatArray(), 2e-6f);
                assertArrayEquals(x.gradient().toFloatArray(), again.gradient().toFloatArray(), 2e-6f);
            }
        }
    }

    /// Sums of integers are exact, so that only the last two products round.
    @Test
    void packedSumsAreExact() {
        BitLinear layer = new BitLinear(2100, 3, BitLinear.Scale.MEAN, RANDOM);
        Tensor x = RANDOM.normal(DType.FLOAT32, 4, 2100);
        float[] found = layer.packed().apply(x).toFloatArray();
        Tensor normal = org.lehr.engine.tensor.op.RmsNorm.rmsNorm(x, Tensor.ones(2100), 1e-6);
        Tensor step = BitLinear.step(normal);
        float[] steps = BitLinear.inSteps(normal, step).toFloatArray();
        float[] ternary = layer.ternary().toFloatArray();
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 3; j++) {
                int sum = 0;
                for (int p = 0; p < 2100; p++) {
                    sum += (int) steps[i * 2100 + p] * (int) ternary[j * 2100 + p];
                }
                assertEquals(sum * step.toFloatArray()[i] * (float) layer.gamma(), found[3 * i + j]);
            }
        }
    }

    @Test
    void packedLayersAreLoadedAsTheyWereSaved(@TempDir Path folder) throws IOException {
        PackedBitLinear layer = new BitLinear(40, 7, BitLinear.Scale.MEDIAN, RANDOM).packed();
        Path file = folder.resolve("packed.safetensors");
        SequencedMap<String, View> views = new LinkedHashMap<>();
        layer.state().forEach((name, tensor) -> views.put(name, tensor.view()));
        SafetensorsWriter.write(file, views, Map.of());
        PackedBitLinear other = new PackedBitLinear(40, 7);
        try (TensorSource source = SafetensorsFile.open(file)) {
            Weights.load(other, source, WeightNames.same());
        }
        Tensor x = RANDOM.normal(DType.FLOAT32, 2, 5, 40);
        assertArrayEquals(layer.apply(x).toFloatArray(), other.apply(x).toFloatArray());
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
