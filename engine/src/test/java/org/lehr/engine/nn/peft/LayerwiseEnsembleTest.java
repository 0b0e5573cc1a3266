package org.lehr.engine.nn.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.nn.norm.BatchNorm;
import org.lehr.engine.nn.peft.LayerwiseEnsemble.View;
import org.lehr.engine.optim.AdamW;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class LayerwiseEnsembleTest {

    private static final RandomStream RANDOM = new RandomStream(5);
    private static final Tensor X = LayerGradient.normal(6, 3).to(DType.FLOAT32);

    private static Layer stage(int in, int out) {
        return new Sequential(new Linear(in, out, true, RANDOM.split(out)), Sequential.of(Tensor::tanh));
    }

    private static Layer task() {
        return new Linear(3, 2, true, RANDOM.split("task"));
    }

    private static LayerwiseEnsemble ensemble() {
        return new LayerwiseEnsemble(
                List.of(new View(stage(3, 5), 5), new View(stage(5, 4), 4)), task(), 2, 3, RANDOM.split("ensemble"));
    }

    @Test
    void gradientsAreThoseOfDifferences() {
        LayerwiseEnsemble ensemble = ensemble();
        ensemble.parameters().get("view_logits").set(Tensor.of(new float[] {0.7f, -0.4f}, 2));
        LayerGradient.check(ensemble, 2, 3);
        LayerGradient.check(ensemble, 2, 2, 3);
    }

    /// `Σ_v softmax(a)_v·(W_v·[h_v; s] + b_v)`, number by number.
    @Test
    void logitsAreTheWeightedSumOfTheViews() {
        LayerwiseEnsemble ensemble = ensemble();
        ensemble.parameters().get("view_logits").set(Tensor.of(new float[] {0.7f, -0.4f}, 2));
        double first = 1 / (1 + Math.exp(-1.1));
        assertArrayEquals(new double[] {first, 1 - first}, ensemble.shares().toDoubleArray(), 1e-6);
        double[] own = task().apply(X).toDoubleArray();
        Tensor deep = stage(3, 5).apply(X);
        double[][] views = {deep.toDoubleArray(), stage(5, 4).apply(deep).toDoubleArray()};
        double[] expected = new double[6 * 3];
        for (int v = 0; v < 2; v++) {
            double[] weight =
                    ensemble.parameters().get("heads." + v + ".weight").own().toDoubleArray();
            double[] bias =
                    ensemble.parameters().get("heads." + v + ".bias").own().toDoubleArray();
            int width = 5 - v;
            for (int row = 0; row < 6; row++) {
                for (int c = 0; c < 3; c++) {
                    double sum = bias[c];
                    for (int i = 0; i < width + 2; i++) {
                        double feature = i < width ? views[v][row * width + i] : own[row * 2 + i - width];
                        sum += weight[c * (width + 2) + i] * feature;
                    }
                    expected[row * 3 + c] += (v == 0 ? first : 1 - first) * sum;
                }
            }
        }
        assertArrayEquals(expected, ensemble.apply(X).toDoubleArray(), 1e-5);
    }

    /// Training moves heads, weights of the views and the small model; neither weights of the backbone nor its
    /// statistics.
    @Test
    void trainingLeavesTheBackbone() {
        Layer normed = new Sequential(stage(3, 5), new BatchNorm(5));
        LayerwiseEnsemble ensemble = new LayerwiseEnsemble(
                List.of(new View(normed, 5), new View(stage(5, 4), 4)), task(), 2, 3, RANDOM.split("ensemble"));
        Map<String, float[]> before = new LinkedHashMap<>();
        ensemble.state()
                .forEach((path, value) ->
                        before.put(path, value.to(DType.FLOAT32).toFloatArray()));
        AdamW optimizer = new AdamW(List.of(ParameterGroup.all(ensemble)), new Constant(0.01), 0.1);
        ensemble.train(true);
        ensemble.apply(X).square().sum().backward();
        ensemble.parameters().forEach((path, parameter) -> {
            if (path.startsWith("stages.")) {
                assertNull(parameter.gradient(), path);
            } else {
                assertNotNull(parameter.gradient(), path);
            }
        });
        optimizer.step();
        ensemble.stepped();
        ensemble.state().forEach((path, value) -> {
            float[] now = value.to(DType.FLOAT32).toFloatArray();
            if (path.startsWith("stages.")) {
                assertArrayEquals(before.get(path), now, path);
            } else {
                assertFalse(Arrays.equals(before.get(path), now), path);
            }
        });
    }

    @Test
    void whatIsSavedIsLoaded() {
        LayerwiseEnsemble ensemble = ensemble();
        LayerwiseEnsemble other = new LayerwiseEnsemble(
                List.of(new View(stage(3, 5), 5), new View(stage(5, 4), 4)), task(), 2, 3, RANDOM.split("other"));
        other.load(ensemble.state());
        assertArrayEquals(ensemble.apply(X).toFloatArray(), other.apply(X).toFloatArray());
        assertEquals(
                List.of(6L, 3L),
                List.of(ensemble.apply(X).extent(0), ensemble.apply(X).extent(1)));
    }

    @Test
    void badInputIsNamed() {
        List<View> views = List.of(new View(stage(3, 5), 5));
        assertThrows(IllegalArgumentException.class, () -> new View(stage(3, 5), 0));
        assertThrows(IllegalArgumentException.class, () -> new LayerwiseEnsemble(List.of(), task(), 2, 3, RANDOM));
        assertThrows(IllegalArgumentException.class, () -> new LayerwiseEnsemble(views, task(), 0, 3, RANDOM));
        assertThrows(IllegalArgumentException.class, () -> new LayerwiseEnsemble(views, task(), 2, 0, RANDOM));
        LayerwiseEnsemble wrong =
                new LayerwiseEnsemble(List.of(new View(stage(3, 5), 4)), task(), 2, 3, RANDOM.split("wrong"));
        String message = assertThrows(IllegalArgumentException.class, () -> wrong.apply(X))
                .getMessage();
        assertTrue(message.contains("stage 0 should give [..., 4], got [6, 5]"), message);
        assertThrows(IllegalArgumentException.class, () -> ensemble().apply(Tensor.zeros(6, 4)));
    }
}
