package org.lehr.engine.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

class CheckpointedTest {

    private static Layer block() {
        RandomStream random = new RandomStream(9);
        return new Sequential(
                new Linear(5, 5, true, random.split("a")),
                new Dropout(0.4, random.split("drop")),
                new Linear(5, 5, true, random.split("b")));
    }

    private static float[] gradient(Layer layer, Parameter parameter, Tensor x) {
        layer.apply(layer.apply(x).tanh()).square().sum().backward();
        return parameter.gradient().toFloatArray();
    }

    @Test
    void gradientsHaveTheSameBits() {
        Tensor x = new RandomStream(1).normal(DType.FLOAT32, 3, 5);
        Layer plain = block();
        Layer inner = block();
        Layer checkpointed = new Checkpointed(inner);
        assertEquals(
                plain.parameters().keySet().stream().map("inner."::concat).toList(),
                List.copyOf(checkpointed.parameters().keySet()));
        assertArrayEquals(
                gradient(plain, plain.parameters().firstEntry().getValue(), x),
                gradient(checkpointed, inner.parameters().firstEntry().getValue(), x));
        assertEquals(
                plain.streams().firstEntry().getValue().state(),
                inner.streams().firstEntry().getValue().state());
    }

    @Test
    void substitutesAreThoseOfTheFirstRun() {
        Tensor x = new RandomStream(1).normal(DType.FLOAT32, 3, 5);
        Linear linear = new Linear(5, 5, false, new RandomStream(2));
        Layer checkpointed = new Checkpointed(linear);
        Tensor substitute = new RandomStream(3).normal(DType.FLOAT32, 5, 5).requiringGradient();
        Functional.call(checkpointed, Map.of("inner.weight", substitute), () -> checkpointed.apply(x))
                .sum()
                .backward();
        float[] found = substitute.gradient().toFloatArray();
        assertArrayEquals(x.sum(0).expand(5, 5).toFloatArray(), found, 1e-5f);
    }
}
