package org.lehr.engine.nn.norm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class PowerNormTest {

    private static final PowerNorm.Form PLAIN = new PowerNorm.Form(0.75, 0, 0, 0);

    private static double buffer(PowerNorm layer, String name) {
        Map<String, Tensor> state = layer.state();
        return state.get(name).toDoubleArray()[0];
    }

    /// Two batches `[3, −1]` and `[2, 2]` of one feature, with ψ² = 1 and ν = 0 at first, worked out by hand.
    @Test
    void twoStepsByHand() {
        PowerNorm layer = new PowerNorm(1, PLAIN);
        Tensor first = Tensor.of(new float[] {3, -1}, 2, 1).requiringGradient();
        Tensor y = layer.apply(first);
        assertArrayEquals(new float[] {3, -1}, y.toFloatArray());
        assertEquals(0.75 + 0.25 * 5, buffer(layer, "running_phi"), 1e-6);
        y.backward(Tensor.of(new float[] {1, 2}, 2, 1), false);
        // g − ν·x̂ = g, and ν = 0.25·mean(g·x̂) = 0.25·(3 − 2)/2.
        assertArrayEquals(new float[] {1, 2}, first.gradient().toFloatArray());
        assertEquals(0.125, buffer(layer, "ema_gz"), 1e-7);
        Tensor second = Tensor.of(new float[] {2, 2}, 2, 1).requiringGradient();
        Tensor z = layer.apply(second);
        double psi = Math.sqrt(2);
        assertArrayEquals(new double[] {2 / psi, 2 / psi}, z.toDoubleArray(), 1e-6);
        z.backward(Tensor.of(new float[] {1, 0}, 2, 1), false);
        double rest = 1 - 0.125 * 2 / psi;
        double other = -0.125 * 2 / psi;
        assertArrayEquals(
                new double[] {rest / psi, other / psi}, second.gradient().toDoubleArray(), 1e-6);
        assertEquals(0.125 + 0.25 * (rest + other) / 2 * 2 / psi, buffer(layer, "ema_gz"), 1e-6);
        assertEquals(0.75 * 2 + 0.25 * 4, buffer(layer, "running_phi"), 1e-6);
    }

    @Test
    void theWarmUpDividesByTheBatchWithItsTrueGradient() {
        PowerNorm layer = new PowerNorm(3, new PowerNorm.Form(0.9, 0, 1000, 0));
        Tensor x = LayerGradient.normal(7, 3).to(DType.FLOAT32);
        double[] expected = x.div(x.square().mean(true, 0).sqrt()).toDoubleArray();
        assertArrayEquals(expected, layer.apply(x).toDoubleArray(), 1e-6);
        LayerGradient.check(new PowerNorm(4, new PowerNorm.Form(0.9, 1e-3, 1_000_000, 2)), 5, 4);
    }

    @Test
    void inUseThereIsOnlyTheAverage() {
        PowerNorm layer = new PowerNorm(1, PLAIN);
        layer.apply(Tensor.of(new float[] {3, -1}, 2, 1));
        layer.train(false);
        assertEquals(
                3 / Math.sqrt(2), layer.apply(Tensor.of(new float[] {3}, 1, 1)).item(), 1e-6);
        assertEquals(2, buffer(layer, "running_phi"), 1e-6);
    }

    @Test
    void paddingDoesNotCount() {
        PowerNorm with = new PowerNorm(1, PLAIN);
        PowerNorm without = new PowerNorm(1, PLAIN);
        Tensor counts = Tensor.of(new boolean[] {true, false, true}, 3);
        with.normalize(Tensor.of(new float[] {3, 100, -1}, 3, 1), counts);
        without.apply(Tensor.of(new float[] {3, -1}, 2, 1));
        assertEquals(buffer(without, "running_phi"), buffer(with, "running_phi"), 1e-6);
    }

    @Test
    void badInputIsNamed() {
        PowerNorm layer = new PowerNorm(2, PLAIN);
        assertThrows(ShapeMismatchException.class, () -> layer.apply(Tensor.zeros(3, 3)));
        assertThrows(
                ShapeMismatchException.class,
                () -> layer.normalize(Tensor.zeros(3, 2), Tensor.of(new boolean[] {true}, 1)));
        assertThrows(IllegalArgumentException.class, () -> new PowerNorm(3, new PowerNorm.Form(0.9, 0, 0, 2)));
    }
}
