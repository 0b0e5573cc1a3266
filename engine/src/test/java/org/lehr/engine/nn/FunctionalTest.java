package org.lehr.engine.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

class FunctionalTest {

    private final RandomStream random = new RandomStream(5);
    private final Linear linear = new Linear(3, 2, true, random);
    private final Tensor x = random.normal(DType.FLOAT32, 4, 3);

    @Test
    void gradientsFlowToWhatSubstitutesWereComputedFrom() {
        Tensor base = random.normal(DType.FLOAT32, 2, 3).requiringGradient();
        Tensor y = Functional.call(linear, Map.of("weight", base.mul(2)), () -> linear.apply(x));
        Tensor expected = x.matmul(base.detach().mul(2).transpose(0, 1))
                .add(linear.parameters().get("bias").own().detach());
        assertArrayEquals(expected.toFloatArray(), y.toFloatArray(), 1e-6f);
        y.sum().backward();
        assertArrayEquals(
                new float[] {2, 2},
                base.gradient().div(x.sum(0)).slice(1, 0, 1).reshape(2).toFloatArray(),
                1e-5f);
        assertNull(linear.weight().gradient());
    }

    @Test
    void oneStepOfMetaLearningIsDifferentiatedThrough() {
        Tensor w = linear.weight().own();
        Tensor inner = Autograd.gradient(List.of(linear.apply(x).square().mean()), List.of(w), true)
                .getFirst();
        Tensor moved = w.sub(inner.mul(0.1));
        Functional.call(
                        linear,
                        Map.of("weight", moved),
                        () -> linear.apply(x).square().mean())
                .backward();
        float[] through = w.gradient().toFloatArray();
        Tensor constant = moved.detach().requiringGradient();
        Functional.call(
                        linear,
                        Map.of("weight", constant),
                        () -> linear.apply(x).square().mean())
                .backward();
        // (I − 0.1·H)·g: H·g is the derivative of the gradient along g.
        Tensor g = constant.gradient();
        Tensor curved = Autograd.hessianVectorProduct(
                        none -> linear.apply(x).square().mean(), List.of(w), List.of(g))
                .getFirst();
        assertArrayEquals(g.sub(curved.mul(0.1)).toFloatArray(), through, 1e-5f);
    }

    @Test
    void unknownPathsAndOtherShapesAreNamed() {
        IllegalArgumentException unknown = assertThrows(
                IllegalArgumentException.class,
                () -> Functional.call(linear, Map.of("wait", x), () -> linear.apply(x)));
        assertTrue(unknown.getMessage().contains("wait"), unknown.getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () -> Functional.call(linear, Map.of("weight", x), () -> linear.apply(x)));
    }

    @Test
    void outputHookMaySeeAndReplace() {
        List<Tensor> seen = new ArrayList<>();
        Tensor plain = linear.apply(x);
        try (var _ = linear.onOutput(y -> {
            seen.add(y);
            return y.fullLike(0);
        })) {
            assertArrayEquals(new float[8], linear.apply(x).toFloatArray());
        }
        assertArrayEquals(plain.toFloatArray(), seen.getFirst().toFloatArray());
        assertArrayEquals(plain.toFloatArray(), linear.apply(x).toFloatArray());
    }

    @Test
    void parameterHookSeesTheGradient() {
        linear.weight().own().onGradient(gradient -> gradient.fullLike(0));
        linear.apply(x).sum().backward();
        assertArrayEquals(new float[6], linear.weight().gradient().toFloatArray());
    }
}
