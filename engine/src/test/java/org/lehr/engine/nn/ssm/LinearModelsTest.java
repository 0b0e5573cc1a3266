package org.lehr.engine.nn.ssm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.nn.SequenceLayer.Step;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.kernels.DType;

final class LinearModelsTest {

    private static final RandomStream RANDOM = new RandomStream(31);

    private static S4D s4d(boolean complex, FirstRates first, boolean frequencies) {
        return new S4D(
                new S4D.Form(3, 5, complex, first, Reparametrization.EXPONENTIAL, frequencies), RANDOM.split("s4d"));
    }

    @TestFactory
    Stream<DynamicTest> oneTimeAfterTheOtherGivesWhatAllAtOnceGive() {
        return Stream.of(
                stepwise("S4D", s4d(true, FirstRates.HIPPO, true)),
                stepwise("real S4D", s4d(false, FirstRates.LINEAR, true)),
                stepwise("S4D by scan", s4d(true, FirstRates.INVERSE, false)),
                stepwise("DLR", new Dlr(3, 5, RANDOM)),
                stepwise("S5", new DiagonalScan(DiagonalScan.Form.of(3), RANDOM)),
                stepwise("LRU", new LinearRecurrentUnit(LinearRecurrentUnit.Form.of(3), RANDOM)),
                stepwise("FFM", new FastForgetfulMemory(new FastForgetfulMemory.Form(3, 4, 5, 2, 64), RANDOM)));
    }

    private static DynamicTest stepwise(String name, SequenceLayer<Tensor> layer) {
        return DynamicTest.dynamicTest(name, () -> {
            Tensor x = RANDOM.normal(DType.FLOAT32, 2, 19, 3);
            List<Tensor> ys = new ArrayList<>();
            Tensor state = layer.start(2);
            for (int t = 0; t < 19; t++) {
                Step<Tensor> step = layer.run(x.slice(1, t, t + 1), state);
                ys.add(step.y());
                state = step.state();
            }
            float[] whole = layer.apply(x).toFloatArray();
            assertArrayEquals(whole, Concat.concat(1, ys.toArray(Tensor[]::new)).toFloatArray(), 1e-5f);
            assertTrue(layer.apply(x.slice(1, 0, 0)).size() == 0);
        });
    }

    @Test
    void pathsOfS4DAgreeWithItsFilter() {
        for (FirstRates first : FirstRates.values()) {
            for (boolean complex : new boolean[] {true, false}) {
                S4D fast = s4d(complex, first, true);
                S4D slow = s4d(complex, first, false);
                fast.convert(DType.FLOAT64);
                slow.convert(DType.FLOAT64);
                Tensor u = RANDOM.normal(DType.FLOAT64, 2, 23, 3);
                double[] y = fast.apply(u).toDoubleArray();
                assertArrayEquals(slow.apply(u).toDoubleArray(), y, 1e-10, first + " " + complex);
                double[] filter = fast.filter(23).toDoubleArray();
                double[] in = u.toDoubleArray();
                for (int t = 0; t < 23; t++) {
                    for (int c = 0; c < 3; c++) {
                        double sum = in[t * 3 + c];
                        for (int s = 0; s <= t; s++) {
                            sum += filter[s * 3 + c] * in[(t - s) * 3 + c];
                        }
                        assertEquals(sum, y[t * 3 + c], 1e-10, first + " " + complex);
                    }
                }
            }
        }
    }

    @Test
    void theSpectrumOfHippoIsThatOfItsMatrix() {
        // [[0, √3/2], [−√3/2, 0]]
        assertArrayEquals(new double[] {Math.sqrt(3) / 2}, SkewSpectrum.ofHippo(2), 1e-14);
        double[] values = SkewSpectrum.ofHippo(8);
        double squares = 0;
        for (int j = 0; j < 8; j++) {
            for (int k = 0; k < j; k++) {
                squares += (2 * j + 1) * (2 * k + 1) / 4.0;
            }
        }
        // the sum of squares of a matrix is that of its singular values, of which each stands twice
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        assertEquals(squares, sum, 1e-10);
    }

    @Test
    void linearRecurrentUnitsForgetWhateverTheirParametersAre() {
        LinearRecurrentUnit layer = new LinearRecurrentUnit(LinearRecurrentUnit.Form.of(16), RANDOM);
        for (double size : layer.sizes().toDoubleArray()) {
            assertTrue(size > 0.89 && size < 0.9995, "size " + size);
        }
        layer.parameters().get("nu_log").set(RANDOM.normal(DType.FLOAT32, 16).mul(2));
        for (double size : layer.sizes().toDoubleArray()) {
            assertTrue(size < 1, "size " + size);
        }
    }

    @Test
    void memoriesStartAgainWhereEpisodesEnd() {
        FastForgetfulMemory layer =
                new FastForgetfulMemory(new FastForgetfulMemory.Form(3, 4, 5, 2, 64), RANDOM.split("ffm"));
        layer.convert(DType.FLOAT64);
        Tensor x = RANDOM.normal(DType.FLOAT64, 1, 11, 3);
        Tensor episodes = Tensor.of(new int[] {0, 0, 0, 1, 1, 1, 1, 0, 5, 5, 5}, 1, 11);
        Tensor y = layer.run(x, layer.start(1), episodes).y();
        List<Tensor> parts = new ArrayList<>();
        int[] ends = {0, 3, 7, 8, 11};
        for (int i = 0; i + 1 < ends.length; i++) {
            Tensor state = layer.start(1);
            for (int t = ends[i]; t < ends[i + 1]; t++) {
                Step<Tensor> step = layer.run(x.slice(1, t, t + 1), state);
                parts.add(step.y());
                state = step.state();
            }
        }
        assertArrayEquals(Concat.concat(1, parts.toArray(Tensor[]::new)).toDoubleArray(), y.toDoubleArray(), 1e-12);
    }

    @Test
    void stableRatesStayBelowZeroAndBack() {
        Tensor w = Tensor.of(new double[] {-5, -1, 0.5, 3}, 4);
        List<Reparametrization> continuous = List.of(
                Reparametrization.EXPONENTIAL, Reparametrization.SOFTPLUS, Reparametrization.inverseQuadratic(1, 0.5));
        for (Reparametrization form : continuous) {
            for (double rate : form.apply(w).toDoubleArray()) {
                assertTrue(rate < 0, "rate " + rate);
                Tensor again = form.apply(Tensor.of(new double[] {form.inverse(rate)}, 1));
                assertEquals(rate, again.item(), 1e-12);
            }
        }
        Reparametrization discrete = Reparametrization.DISCRETE_QUADRATIC;
        for (double factor : discrete.apply(w).toDoubleArray()) {
            assertTrue(Math.abs(factor) < 1, "factor " + factor);
            Tensor again = discrete.apply(Tensor.of(new double[] {discrete.inverse(factor)}, 1));
            assertEquals(factor, again.item(), 1e-12);
        }
    }

    /// What the paper calls best: `|f'|/f²` is in proportion to `w`, and so is `f'/(1 − f)²` of the discrete form.
    @Test
    void gradientsOverRatesAreInProportionToTheBestForms() {
        Tensor w = Tensor.of(new double[] {-7, -0.3, 0.01, 2, 40}, 5).requiringGradient();
        for (boolean discrete : new boolean[] {false, true}) {
            Reparametrization form =
                    discrete ? Reparametrization.DISCRETE_QUADRATIC : Reparametrization.inverseQuadratic(1.5, 0.5);
            Tensor rates = form.apply(w);
            double[] slopes = Autograd.gradient(List.of(rates.sum()), List.of(w), false)
                    .getFirst()
                    .toDoubleArray();
            double[] values = rates.toDoubleArray();
            double[] at = w.toDoubleArray();
            for (int i = 0; i < at.length; i++) {
                double size = discrete ? Math.pow(1 - values[i], 2) : values[i] * values[i];
                assertEquals((discrete ? 2 : 3) * at[i], slopes[i] / size, 1e-9 * (1 + Math.abs(at[i])));
            }
        }
    }

    @Test
    void refusalsNameTheValues() {
        refused("0 channels", () -> S4D.Form.of(0));
        refused("-1 states", () -> new Dlr(3, -1, RANDOM));
        refused("0 states", () -> new DiagonalScan.Form(3, 0, FirstRates.HIPPO, Reparametrization.DIRECT));
        refused(
                "[0.9, 1.0]",
                () -> new LinearRecurrentUnit.Form(3, 3, 0.9, 1, 1, Reparametrization.DISCRETE_QUADRATIC));
        refused("memory of 1", () -> new FastForgetfulMemory.Form(3, 3, 2, 2, 1));
        refused("0.0", () -> Reparametrization.inverseQuadratic(1, 0));
        refused("[b, t, 3]", () -> new DiagonalScan(DiagonalScan.Form.of(3), RANDOM).apply(Tensor.zeros(1, 2, 4)));
    }

    private static void refused(String part, Executable work) {
        String message = assertThrows(IllegalArgumentException.class, work).getMessage();
        assertTrue(message.contains(part), message);
    }
}
