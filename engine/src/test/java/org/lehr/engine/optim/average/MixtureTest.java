package org.lehr.engine.optim.average;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class MixtureTest {

    private static Map<String, Tensor> model(long seed) {
        RandomStream random = new RandomStream(seed);
        Map<String, Tensor> model = new LinkedHashMap<>();
        model.put("weight", random.normal(DType.FLOAT32, 6, 5));
        model.put("bias", random.normal(DType.FLOAT32, 6).to(DType.BFLOAT16));
        model.put("count", Tensor.of(new long[] {seed}));
        return model;
    }

    @Test
    void aSoupIsTheWeightedSum() {
        List<Map<String, Tensor>> models = List.of(model(1), model(2), model(3));
        Map<String, Tensor> mixed = Soup.weighted(models, 0.5, 0.75, -0.25);
        float[] weight = mixed.get("weight").toFloatArray();
        for (int i = 0; i < weight.length; i++) {
            double expected = 0.5 * models.get(0).get("weight").toFloatArray()[i]
                    + 0.75 * models.get(1).get("weight").toFloatArray()[i]
                    - 0.25 * models.get(2).get("weight").toFloatArray()[i];
            assertEquals(expected, weight[i], 1e-6);
        }
        assertEquals(DType.BFLOAT16, mixed.get("bias").dtype());
        assertEquals(1, mixed.get("count").item());
        assertArrayEquals(
                models.get(1).get("weight").toFloatArray(),
                Soup.interpolated(models.get(0), models.get(1), 1).get("weight").toFloatArray());
    }

    @Test
    void theGreedySoupLeavesOutWhatHarms() {
        Map<String, Tensor> good = Map.of("w", Tensor.of(new double[] {1.2}, 1));
        Map<String, Tensor> other = Map.of("w", Tensor.of(new double[] {0.7}, 1));
        Map<String, Tensor> bad = Map.of("w", Tensor.of(new double[] {9}, 1));
        Map<String, Tensor> mixed = Soup.greedy(
                List.of(bad, other, good), model -> Math.abs(model.get("w").item() - 1));
        assertEquals(0.95, mixed.get("w").item(), 1e-12);
        assertThrows(IllegalArgumentException.class, () -> Soup.greedy(List.of(bad), _ -> Double.NaN));
    }

    @Test
    void slerpGoesAlongACircle() {
        Map<String, Tensor> a = Map.of("w", Tensor.of(new double[] {2, 0}, 2));
        Map<String, Tensor> b = Map.of("w", Tensor.of(new double[] {0, 2}, 2));
        double[] third = Slerp.of(a, b, 1.0 / 3).get("w").toDoubleArray();
        assertArrayEquals(new double[] {2 * Math.cos(Math.PI / 6), 2 * Math.sin(Math.PI / 6)}, third, 1e-12);
        assertArrayEquals(new double[] {2, 0}, Slerp.of(a, b, 0).get("w").toDoubleArray(), 1e-15);
        assertArrayEquals(new double[] {0, 2}, Slerp.of(a, b, 1).get("w").toDoubleArray(), 1e-15);
        Map<String, Tensor> twice = Map.of("w", Tensor.of(new double[] {4, 0}, 2));
        assertArrayEquals(new double[] {3, 0}, Slerp.of(a, twice, 0.5).get("w").toDoubleArray(), 1e-12);
        Map<String, Tensor> zero = Map.of("w", Tensor.of(new double[] {0, 0}, 2));
        assertArrayEquals(new double[] {1, 0}, Slerp.of(a, zero, 0.5).get("w").toDoubleArray(), 1e-12);
        assertArrayEquals(
                model(2).get("weight").toFloatArray(),
                Slerp.of(model(1), model(2), path -> path.equals("weight") ? 1 : 0.5)
                        .get("weight")
                        .toFloatArray(),
                1e-6f);
    }

    @Test
    void modelsMustBeAlike() {
        Map<String, Tensor> more = new LinkedHashMap<>(model(1));
        more.put("extra", Tensor.zeros(1));
        String names = assertThrows(IllegalArgumentException.class, () -> Soup.uniform(List.of(model(1), more)))
                .getMessage();
        assertTrue(names.contains("[extra]"), names);
        Map<String, Tensor> wide = new LinkedHashMap<>(model(1));
        wide.put("weight", Tensor.zeros(5, 6));
        String shapes = assertThrows(IllegalArgumentException.class, () -> Slerp.of(model(1), wide, 0.5))
                .getMessage();
        assertTrue(shapes.contains("weight") && shapes.contains("[5, 6]"), shapes);
        assertThrows(IllegalArgumentException.class, () -> Soup.uniform(List.of()));
    }
}
