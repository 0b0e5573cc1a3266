package org.lehr.engine.autograd;

import java.util.List;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Pool;

/// A program for a machine with little memory: training steps whose tensors nobody frees.
final class StepsWithoutScope {

    private StepsWithoutScope() {}

    /// Takes 500 steps, each of more than a hundredth of the limit, and ends with status 0 when the pool never ran
    /// out.
    public static void main(String[] arguments) {
        RandomStream random = new RandomStream(1);
        Tensor w = random.normal(DType.FLOAT32, 64, 64).requiringGradient();
        Tensor x = random.normal(DType.FLOAT32, 64, 64);
        for (int i = 0; i < 500; i++) {
            x.matmul(w).tanh().mul(0.5).add(x).square().mean().backward();
            w.setGradient(null);
        }
        Tensor loss = x.matmul(w).tanh().square().mean();
        Autograd.gradient(
                Autograd.gradient(List.of(loss), List.of(w), true).getFirst().sum(), w);
        System.exit(Pool.host().statistics().limit() <= 4 << 20 ? 0 : 3);
    }
}
