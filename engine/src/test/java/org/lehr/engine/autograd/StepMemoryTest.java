package org.lehr.engine.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Gelu;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Scope;

/// What training steps leave behind.
class StepMemoryTest {

    private final RandomStream random = new RandomStream(2);
    private final Tensor w = random.normal(DType.FLOAT32, 17, 17).requiringGradient();
    private final Tensor x = random.normal(DType.FLOAT32, 31, 17);

    private static long outstanding() {
        return Pool.host().statistics().outstanding();
    }

    private Tensor loss() {
        return Gelu.gelu(x.matmul(w)).add(x).square().mean();
    }

    @Test
    void stepsInScopesLeaveNothing() {
        loss().backward();
        Pool.host().collect();
        long before = outstanding();
        for (int i = 0; i < 500; i++) {
            try (var _ = Scope.open()) {
                loss().backward();
            }
            assertTrue(outstanding() <= before, "step " + i);
        }
    }

    @Test
    void secondOrderStepsInScopesLeaveNothing() {
        loss().backward();
        Pool.host().collect();
        long before = outstanding();
        for (int i = 0; i < 300; i++) {
            try (var _ = Scope.open()) {
                Autograd.gradient(List.of(loss()), List.of(w), true)
                        .getFirst()
                        .square()
                        .sum()
                        .backward();
            }
            assertTrue(outstanding() <= before, "step " + i);
        }
    }

    @Test
    void gradientsGoBackWhileTheWalkProceeds() {
        Pool.host().collect();
        try (var _ = Scope.open()) {
            Tensor leaf = random.normal(DType.FLOAT32, 64, 1024).requiringGradient();
            Tensor y = leaf;
            int depth = 20;
            for (int i = 0; i < depth; i++) {
                y = y.tanh();
            }
            Tensor total = y.sum();
            long before = outstanding();
            Pool.host().resetPeak();
            total.backward();
            long gradient = 64 * 1024 * 4;
            long above = Pool.host().statistics().peak() - before;
            assertTrue(above < 8 * gradient, above + " bytes above, one gradient has " + gradient);
        }
    }

    @Test
    void stepsWithoutScopesLiveOnTheCollector() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-Dlehr.memory=4m", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.add(StepsWithoutScope.class.getName());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output;
        try (InputStream stream = process.getInputStream()) {
            output = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
        assertEquals(0, process.waitFor(), output);
    }
}
