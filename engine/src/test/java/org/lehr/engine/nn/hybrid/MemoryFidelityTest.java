package org.lehr.engine.nn.hybrid;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.ssm.Mamba;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class MemoryFidelityTest {

    private static final RandomStream RANDOM = new RandomStream(12);

    @Test
    void whatCanBeReadBackCountsOneAndWhatCannotNothing() {
        Tensor tokens = RANDOM.normal(DType.FLOAT64, 8, 60, 3);
        Tensor map = RANDOM.normal(DType.FLOAT64, 3, 5);
        Tensor memory = tokens.matmul(map).add(2);
        assertEquals(1, MemoryFidelity.vertical(tokens, memory), 1e-3);
        assertEquals(0, MemoryFidelity.vertical(tokens, RANDOM.normal(DType.FLOAT64, 8, 60, 5)), 0.15);
        assertEquals(0, MemoryFidelity.horizontal(tokens, memory, 3), 0.15);
    }

    @Test
    void aStateFadesOverDistance() {
        Mamba mamba = new Mamba(new Mamba.Form(6, 16, 4, 2, 1), new RandomStream(1));
        Tensor x = RANDOM.normal(DType.FLOAT32, 16, 64, 6);
        Tensor y = mamba.apply(x);
        double near = MemoryFidelity.horizontal(x, y, 0);
        double far = MemoryFidelity.horizontal(x, y, 40);
        assertTrue(near > far + 0.3, "near " + near + ", far " + far);
    }

    @Test
    void theSensitivityOfMambaDecaysExponentially() {
        Mamba.Form form = new Mamba.Form(8, 16, 4, 2, 1);
        Mamba mamba = new Mamba(form, new RandomStream(1));
        // Steps of about one, so that much fades within the sequence.
        var bias = mamba.parameters().get("dt_proj.bias");
        bias.set(bias.own().detach().mul(0).add(0.5));
        double[] sensitivity = MemoryFidelity.sensitivity(mamba, RANDOM.normal(DType.FLOAT32, 1, 24, 8));
        SimpleRegression line = new SimpleRegression();
        for (int t = 0; t < 20; t++) {
            line.addData(23 - t, Math.log(sensitivity[t]));
        }
        assertTrue(line.getSlope() < -0.3, "slope " + line.getSlope());
        assertTrue(line.getRSquare() > 0.9, "r² " + line.getRSquare());
    }

    @Test
    void refusalsNameTheValues() {
        Tensor tokens = RANDOM.normal(DType.FLOAT64, 2, 6, 3);
        String message = assertThrows(
                        IllegalArgumentException.class, () -> MemoryFidelity.horizontal(tokens, tokens, 6))
                .getMessage();
        assertTrue(message.contains("got 6"), message);
        assertThrows(
                IllegalArgumentException.class,
                () -> MemoryFidelity.vertical(tokens, RANDOM.normal(DType.FLOAT64, 2, 6, 30)));
    }
}
