package org.lehr.engine.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.StaleTensorException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Dropout;
import org.lehr.engine.tensor.op.Gelu;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Scope;

class CheckpointingTest {

    /// What one run of a small net with dropout gives: the loss, the gradients, and where the stream ended.
    private static List<float[]> run(boolean checkpointed, boolean second) {
        RandomStream random = new RandomStream(3);
        Tensor w = random.normal(DType.FLOAT32, 7, 7).requiringGradient();
        Tensor v = random.normal(DType.FLOAT32, 7, 7).requiringGradient();
        Tensor x = random.normal(DType.FLOAT32, 5, 7).requiringGradient();
        Function<Tensor[], Tensor> block =
                in -> Dropout.dropout(Gelu.gelu(in[0].matmul(w)).matmul(v).add(in[0]), 0.3, random);
        Tensor y = x.mul(2);
        for (int i = 0; i < 3; i++) {
            y = checkpointed ? Checkpointing.checkpoint(block, List.of(random), y) : block.apply(new Tensor[] {y});
        }
        Tensor loss = y.square().mean();
        List<Tensor> leaves = List.of(x, w, v);
        List<float[]> found = new ArrayList<>();
        if (second) {
            Tensor penalty = loss.scalarLike(0);
            for (Tensor gradient : Autograd.gradient(List.of(loss), leaves, true)) {
                penalty = penalty.add(gradient.square().sum());
            }
            penalty.backward();
        } else {
            loss.backward();
        }
        leaves.forEach(leaf -> found.add(leaf.gradient().toFloatArray()));
        found.add(loss.toFloatArray());
        found.add(new float[] {random.state().counter()});
        return found;
    }

    @Test
    void sameBitsWithAndWithoutIncludingDropout() {
        List<float[]> plain = run(false, false);
        List<float[]> checkpointed = run(true, false);
        for (int i = 0; i < plain.size(); i++) {
            assertArrayEquals(plain.get(i), checkpointed.get(i), "result " + i);
        }
    }

    @Test
    void gradientsAreDifferentiatedAgain() {
        List<float[]> plain = run(false, true);
        List<float[]> checkpointed = run(true, true);
        for (int i = 0; i < plain.size(); i++) {
            float scale = 0;
            for (float value : plain.get(i)) {
                scale = Math.max(scale, Math.abs(value));
            }
            assertArrayEquals(plain.get(i), checkpointed.get(i), 1e-5f * scale, "result " + i);
        }
    }

    @Test
    void tensorsReadFromOutsideGetTheirGradients() {
        Tensor p = Tensor.of(new double[] {2, 3}).requiringGradient();
        Tensor outside = p.square();
        Tensor x = p.mul(1);
        Tensor y = Checkpointing.checkpoint(in -> in[0].mul(outside).mul(p), List.of(), x);
        y.sum().backward();
        // d p⁴ = 4p³
        assertArrayEquals(new double[] {32, 108}, p.gradient().toDoubleArray(), 1e-12);
    }

    @Test
    void identityAndConstantsPassThrough() {
        Tensor x = Tensor.of(new double[] {2, 3}).requiringGradient();
        Checkpointing.checkpoint(in -> in[0], List.of(), x).square().sum().backward();
        assertArrayEquals(new double[] {4, 6}, x.gradient().toDoubleArray());
        Tensor constant = Checkpointing.checkpoint(in -> in[0].exp(), List.of(), Tensor.zeros(2));
        assertArrayEquals(new float[] {1, 1}, constant.toFloatArray());
        assertTrue(!constant.requiresGradient());
    }

    @Test
    void functionThatReadsAnotherLeafTheSecondTimeIsRefused() {
        Tensor x = Tensor.of(new double[] {2, 3}).requiringGradient();
        Tensor[] weights = {Tensor.of(new double[] {1, 1}).requiringGradient()};
        Tensor y = Checkpointing.checkpoint(in -> in[0].mul(weights[0]), List.of(), x)
                .sum();
        weights[0] = Tensor.of(new double[] {5, 5}).requiringGradient();
        assertThrows(StaleTensorException.class, y::backward);
    }

    @Test
    void overwrittenParameterIsNoticed() {
        Tensor x = Tensor.of(new double[] {2, 3}).requiringGradient();
        Tensor w = Tensor.of(new double[] {1, 1}).requiringGradient();
        Tensor y = Checkpointing.checkpoint(in -> in[0].mul(w), List.of(), x).sum();
        w.detach().fill(2);
        assertThrows(StaleTensorException.class, y::backward);
    }

    @Test
    void keepsLessMemoryUntilTheBackwardPass() {
        long[] held = new long[2];
        for (int way = 0; way < 2; way++) {
            try (var _ = Scope.open()) {
                Tensor x = Tensor.ones(64, 1024).requiringGradient();
                Function<Tensor[], Tensor> block =
                        in -> in[0].mul(0.5).tanh().mul(1.5).sigmoid().exp();
                Pool.host().collect();
                long before = Pool.host().statistics().outstanding();
                Tensor y = x;
                for (int i = 0; i < 4; i++) {
                    y = way == 0 ? block.apply(new Tensor[] {y}) : Checkpointing.checkpoint(block, List.of(), y);
                }
                held[way] = Pool.host().statistics().outstanding() - before;
                y.sum().backward();
                assertEquals(64 * 1024, x.gradient().size());
            }
        }
        assertTrue(held[1] * 2 < held[0], held[1] + " of " + held[0]);
    }
}
