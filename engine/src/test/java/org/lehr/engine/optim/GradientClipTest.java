package org.lehr.engine.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class GradientClipTest {

    private static ParameterGroup group(String path, Tensor gradient) {
        Parameter parameter = new Parameter(gradient.fullLike(0));
        parameter.own().setGradient(gradient);
        SequencedMap<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put(path, parameter);
        parameters.put(path + " without gradient", new Parameter(Tensor.zeros(3)));
        return new ParameterGroup(parameters, 1, 1);
    }

    @Test
    void theNormIsOverAllGroups() {
        RandomStream random = new RandomStream(31);
        Tensor a = random.normal(DType.FLOAT32, 7, 13);
        Tensor b = random.normal(DType.FLOAT32, 1009);
        double sum = 0;
        for (Tensor tensor : List.of(a, b)) {
            for (double value : tensor.toDoubleArray()) {
                sum += value * value;
            }
        }
        assertEquals(Math.sqrt(sum), GradientClip.norm(List.of(group("a", a), group("b", b))), 1e-5);
    }

    @Test
    void withoutGradientsTheNormIsZero() {
        assertEquals(0, GradientClip.norm(List.of()));
        SequencedMap<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put("a", new Parameter(Tensor.zeros(3)));
        assertEquals(0, GradientClip.norm(List.of(new ParameterGroup(parameters, 1, 1))));
    }

    @Test
    void largeAndBrokenGradientsKeepTheirMeaning() {
        Tensor large = Tensor.of(new float[] {3e30f, 4e30f}, 2);
        assertEquals(5e30, GradientClip.norm(List.of(group("a", large))), 1e24);
        Tensor broken = Tensor.of(new float[] {1, Float.NaN}, 2);
        assertTrue(Double.isNaN(GradientClip.norm(List.of(group("a", large), group("b", broken)))));
        Tensor endless = Tensor.of(new float[] {Float.NEGATIVE_INFINITY, 1}, 2);
        assertEquals(Double.POSITIVE_INFINITY, GradientClip.norm(List.of(group("a", endless))));
    }

    @Test
    void theFactorBringsTheNormToTheLimit() {
        assertEquals(1, GradientClip.factor(0, 2));
        assertEquals(1, GradientClip.factor(2, 2));
        assertEquals(0.5, GradientClip.factor(4, 2));
        assertEquals(1, GradientClip.factor(1e300, Double.POSITIVE_INFINITY));
        assertEquals(1, GradientClip.factor(Double.NaN, 2));
        assertEquals(0, GradientClip.factor(Double.POSITIVE_INFINITY, 2));
        String message = assertThrows(IllegalArgumentException.class, () -> GradientClip.factor(1, 0))
                .getMessage();
        assertTrue(message.contains("0.0"), message);
    }
}
