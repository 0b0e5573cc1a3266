package org.lehr.engine.nn.ssm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.SequenceLayer.Step;
import org.lehr.engine.nn.ssm.Mamba2.Choices;
import org.lehr.engine.nn.ssm.Mamba2.FirstDecays;
import org.lehr.engine.nn.ssm.Mamba2.Form;
import org.lehr.engine.nn.ssm.Mamba2.Gate;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.StateSpaceDual;
import org.lehr.kernels.DType;
import org.lehr.kernels.parallel.Workers;

final class Mamba2Test {

    private static final RandomStream RANDOM = new RandomStream(31);

    /// 8 channels in 4 heads of 2 and 2 groups.
    private static final Form SMALL = new Form(4, 3, 3, 2, 2, 2, 4, Choices.defaults());

    /// The same with everything that is unusual.
    private static final Form UNUSUAL =
            new Form(6, 3, 4, 2, 2, 2, 4, new Choices(FirstDecays.COUNTED, Gate.AFTER_NORM, true, 4, 0.05, 0.9));

    private static Form with(Gate gate) {
        return new Form(4, 3, 3, 2, 2, 1, 2, new Choices(FirstDecays.UNIFORM, gate, false, 0, 0, 2));
    }

    @TestFactory
    Stream<DynamicTest> gradientsAreThoseOfCentralDifferences() {
        return Stream.of(SMALL, UNUSUAL, with(Gate.ALONE), with(Gate.AFTER_NORM))
                .map(form -> DynamicTest.dynamicTest(
                        form.toString(), () -> LayerGradient.check(new Mamba2(form, RANDOM), 2, 5, form.width())));
    }

    /// The layer written out in double, time by time.
    private static final class Unfused {

        private final Form form;
        private final Map<String, Tensor> values;

        Unfused(Form form, Mamba2 layer) {
            this.form = form;
            this.values = layer.state();
        }

        private double[] value(String name) {
            return values.get(name).toDoubleArray();
        }

        private static double silu(double x) {
            return x / (1 + Math.exp(-x));
        }

        private static double[] times(double[] matrix, double[] x) {
            double[] y = new double[matrix.length / x.length];
            for (int i = 0; i < matrix.length; i++) {
                y[i / x.length] += matrix[i] * x[i % x.length];
            }
            return y;
        }

        double[] apply(double[] x) {
            int width = (int) form.width();
            int times = x.length / width;
            int gated = (int) form.choices().gated();
            int channels = (int) form.channels();
            int convolved = (int) form.convolved();
            int heads = (int) form.heads();
            int p = (int) form.headWidth();
            int n = (int) form.states();
            int shared = (int) form.groups() * n;
            int taps = (int) form.taps();
            double[][] seen = new double[times][];
            double[][] state = new double[channels][n];
            double[] filter = value("conv1d.weight");
            double[] y = new double[0];
            for (int t = 0; t < times; t++) {
                double[] in = times(value("in_proj.weight"), Arrays.copyOfRange(x, t * width, (t + 1) * width));
                int first = 2 * gated + channels;
                seen[t] = Arrays.copyOfRange(in, first, first + convolved);
                double[] xbc = value("conv1d.bias").clone();
                for (int c = 0; c < convolved; c++) {
                    for (int k = 0; k < taps && t - k >= 0; k++) {
                        xbc[c] += filter[c * taps + taps - 1 - k] * seen[t - k][c];
                    }
                    xbc[c] = silu(xbc[c]);
                }
                double[] scanned = new double[channels];
                for (int c = 0; c < channels; c++) {
                    int head = c / p;
                    int group = head / (heads / (int) form.groups());
                    double raw = in[first + convolved + head] + value("dt_bias")[head];
                    double step = Math.clamp(
                            Math.log1p(Math.exp(raw)),
                            form.choices().leastStep(),
                            form.choices().largestStep());
                    double decay = Math.exp(-step * Math.exp(value("A_log")[head]));
                    for (int j = 0; j < n; j++) {
                        state[c][j] = decay * state[c][j] + step * xbc[c] * xbc[channels + group * n + j];
                        scanned[c] += state[c][j] * xbc[channels + shared + group * n + j];
                    }
                    scanned[c] += value("D")[form.choices().channelSkips() ? c : head] * xbc[c];
                }
                double[] z = Arrays.copyOfRange(in, 2 * gated, first);
                double[] all = new double[gated + channels];
                for (int c = 0; c < gated; c++) {
                    all[c] = in[gated + c] * silu(in[c]);
                }
                System.arraycopy(gate(scanned, z), 0, all, gated, channels);
                y = DoubleStream.concat(Arrays.stream(y), Arrays.stream(times(value("out_proj.weight"), all)))
                        .toArray();
            }
            return y;
        }

        private double[] gate(double[] scanned, double[] z) {
            Gate gate = form.choices().gate();
            double[] y = scanned.clone();
            for (int c = 0; c < y.length && gate != Gate.AFTER_NORM; c++) {
                y[c] *= silu(z[c]);
            }
            if (gate == Gate.ALONE) {
                return y;
            }
            int size = y.length / (int) form.groups();
            double[] out = new double[y.length];
            for (int c = 0; c < y.length; c++) {
                double sum = 0;
                for (int i = c / size * size; i < (c / size + 1) * size; i++) {
                    sum += y[i] * y[i];
                }
                out[c] = y[c] / Math.sqrt(sum / size + 1e-5) * value("norm.weight")[c];
                out[c] *= gate == Gate.AFTER_NORM ? silu(z[c]) : 1;
            }
            return out;
        }
    }

    @TestFactory
    Stream<DynamicTest> matchesTheRecurrenceWrittenOut() {
        return Stream.of(SMALL, UNUSUAL, with(Gate.ALONE), with(Gate.AFTER_NORM))
                .map(form -> DynamicTest.dynamicTest(form.toString(), () -> {
                    Mamba2 layer = new Mamba2(form, RANDOM);
                    layer.convert(DType.FLOAT64);
                    Tensor x = RANDOM.normal(DType.FLOAT64, 1, 11, form.width());
                    assertArrayEquals(
                            new Unfused(form, layer).apply(x.toDoubleArray()),
                            layer.apply(x).toDoubleArray(),
                            1e-12);
                }));
    }

    @Test
    void oneTimeAfterTheOtherGivesWhatAllAtOnceGive() {
        Mamba2 layer = new Mamba2(Form.of(24), RANDOM);
        Tensor x = RANDOM.normal(DType.FLOAT32, 3, 70, 24);
        List<Tensor> ys = new ArrayList<>();
        Mamba2.State state = layer.start(3);
        for (int t = 0; t < 70; t++) {
            Step<Mamba2.State> step = layer.run(x.slice(1, t, t + 1), state);
            ys.add(step.y());
            state = step.state();
        }
        float[] stepwise = Concat.concat(1, ys.toArray(Tensor[]::new)).toFloatArray();
        assertArrayEquals(layer.apply(x).toFloatArray(), stepwise, 1e-5f);
        Mamba2.State end = layer.run(x, layer.start(3)).state();
        assertArrayEquals(end.states().toFloatArray(), state.states().toFloatArray(), 1e-5f);
        assertArrayEquals(end.inputs().toFloatArray(), state.inputs().toFloatArray(), 1e-5f);
    }

    @Test
    void gradientsFlowThroughBothEndsOfTheState() {
        Mamba2 layer = new Mamba2(UNUSUAL, RANDOM);
        layer.convert(DType.FLOAT64);
        Tensor x = RANDOM.normal(DType.FLOAT64, 2, 9, 6).requiringGradient();
        Tensor whole = layer.apply(x).square().sum();
        Step<Mamba2.State> first = layer.run(x.slice(1, 0, 4), layer.start(2));
        Step<Mamba2.State> second = layer.run(x.slice(1, 4, 9), first.state());
        Tensor pieces = first.y().square().sum().add(second.y().square().sum());
        assertEquals(whole.item(), pieces.item(), 1e-12);
        List<Tensor> wanted = new ArrayList<>(List.of(x));
        layer.parameters().values().forEach(parameter -> wanted.add(parameter.own()));
        List<Tensor> expected = Autograd.gradient(List.of(whole), wanted, false);
        List<Tensor> found = Autograd.gradient(List.of(pieces), wanted, false);
        for (int i = 0; i < wanted.size(); i++) {
            assertArrayEquals(expected.get(i).toDoubleArray(), found.get(i).toDoubleArray(), 1e-10, "gradient " + i);
        }
    }

    @Test
    void stepsOfConstantWidthAreAFilterThatDoesNotChange() {
        int times = 40;
        double rate = -0.7;
        double step = 0.3;
        double[] b = {0.7, -1.1, 0.4};
        double[] c = {1.3, 0.2, -0.9};
        Tensor u = RANDOM.normal(DType.FLOAT64, 1, times, 1, 1);
        Tensor y = StateSpaceDual.stateSpaceDual(
                StateSpaceDual.Inputs.of(
                        u.mul(step),
                        Tensor.of(new double[] {step * rate}, 1, 1, 1).expand(1, times, 1),
                        Tensor.of(b, 1, 1, 1, 3).expand(1, times, 1, 3),
                        Tensor.of(c, 1, 1, 1, 3).expand(1, times, 1, 3)),
                16);
        double[] in = u.toDoubleArray();
        double gain = b[0] * c[0] + b[1] * c[1] + b[2] * c[2];
        for (int t = 0; t < times; t++) {
            double sum = 0;
            for (int back = 0; back <= t; back++) {
                sum += gain * Math.exp(step * rate * back) * step * in[t - back];
            }
            assertEquals(sum, y.toDoubleArray()[t], 1e-12, "time " + t);
        }
    }

    @Test
    void anyNumberOfThreadsGivesTheSameBits() {
        Mamba2 layer = new Mamba2(Form.of(48), RANDOM);
        Tensor x = RANDOM.normal(DType.FLOAT32, 2, 100, 48).requiringGradient();
        List<float[]> one = Workers.with(1, () -> resultAndGradient(layer, x));
        for (int threads : new int[] {2, 5}) {
            List<float[]> more = Workers.with(threads, () -> resultAndGradient(layer, x));
            assertArrayEquals(one.get(0), more.get(0));
            assertArrayEquals(one.get(1), more.get(1));
        }
    }

    private static List<float[]> resultAndGradient(Mamba2 layer, Tensor x) {
        Tensor y = layer.apply(x);
        Tensor dx =
                Autograd.gradient(List.of(y.square().sum()), List.of(x), false).getFirst();
        return List.of(y.toFloatArray(), dx.toFloatArray());
    }

    @Test
    void namesAreThoseOfThePublicCheckpoints() {
        var parameters = new Mamba2(SMALL, RANDOM).parameters();
        assertEquals(
                List.of(
                        "dt_bias",
                        "A_log",
                        "D",
                        "in_proj.weight",
                        "conv1d.weight",
                        "conv1d.bias",
                        "norm.weight",
                        "out_proj.weight"),
                List.copyOf(parameters.keySet()));
        // z 8, x 8, B and C of 2 groups of 3, dt 4
        assertEquals("[32, 4]", parameters.get("in_proj.weight").own().shape().toString());
        assertEquals("[20, 1, 3]", parameters.get("conv1d.weight").own().shape().toString());
    }

    @Test
    void firstValuesAreThoseOfTheReference() {
        var parameters = new Mamba2(Form.of(512), RANDOM).parameters();
        assertEquals(16, parameters.get("A_log").own().size());
        for (float rate : parameters.get("A_log").own().exp().toFloatArray()) {
            assertTrue(rate >= 0.99 && rate < 16.01, "rate " + rate);
        }
        for (float bias : parameters.get("dt_bias").own().toFloatArray()) {
            double step = Math.log1p(Math.exp(bias));
            assertTrue(step >= 0.99e-3 && step <= 1.01e-1, "step " + step);
        }
        for (String name : List.of("A_log", "D", "dt_bias", "norm.weight", "conv1d.bias")) {
            assertFalse(parameters.get(name).decays(), name);
        }
        assertTrue(parameters.get("in_proj.weight").decays());
        float[] counted = new Mamba2(UNUSUAL, RANDOM)
                .parameters()
                .get("A_log")
                .own()
                .exp()
                .toFloatArray();
        assertArrayEquals(new float[] {1, 2, 3, 4}, counted, 1e-5f);
    }

    @Test
    void narrowModelsHaveNarrowHeads() {
        assertEquals(new Form(768, 128, 4, 2, 64, 1, 64, Choices.defaults()), Form.of(768));
        assertEquals(new Form(128, 32, 4, 2, 64, 1, 64, Choices.defaults()), Form.of(128));
        assertEquals(new Form(24, 16, 4, 2, 8, 1, 64, Choices.defaults()), Form.of(24));
        assertEquals(new Form(5, 16, 4, 2, 2, 1, 64, Choices.defaults()), Form.of(5));
    }

    private static MambaLM<Mamba2.State> model(long seed) {
        return new MambaLM<>(new MambaLM.Form<>(11, 7, 2, SMALL), new RandomStream(seed));
    }

    @Test
    void whatWasSavedGivesTheSameBits() {
        MambaLM<Mamba2.State> model = model(1);
        MambaLM<Mamba2.State> other = model(2);
        Tensor tokens = Tensor.of(new int[] {1, 9, 3, 0, 2, 2, 10, 4, 4}, 1, 9);
        other.load(new LinkedHashMap<>(model.state()));
        assertArrayEquals(
                model.logits(tokens).toFloatArray(), other.logits(tokens).toFloatArray());
        assertTrue(model.state().containsKey("backbone.layers.1.mixer.in_proj.weight"));
    }

    @Test
    void languageModelsGoOnWhereTheyStopped() {
        MambaLM<Mamba2.State> model = model(1);
        Tensor tokens = Tensor.of(new int[] {1, 9, 3, 0, 2, 2, 10, 4, 4}, 1, 9);
        var decoding = model.decode(List.of(new int[] {1, 9, 3, 0, 2, 2, 10}));
        decoding.append(new int[] {4});
        decoding.append(new int[] {4});
        float[] whole = model.logits(tokens).slice(1, 8, 9).toFloatArray();
        assertArrayEquals(whole, decoding.scores()[0], 1e-5f);
        assertEquals(6.0 * model.parameterCount() + 3.0 * 2 * 5 * 8 * 3, model.flopsPerToken());
    }

    @Test
    void refusalsNameTheValues() {
        String message = assertThrows(
                        IllegalArgumentException.class, () -> new Form(4, 0, 4, 2, 2, 1, 64, Choices.defaults()))
                .getMessage();
        assertTrue(message.contains("states 0"), message);
        message = assertThrows(IllegalArgumentException.class, () -> new Form(4, 3, 4, 2, 3, 1, 64, Choices.defaults()))
                .getMessage();
        assertTrue(message.contains("8 channels") && message.contains("heads of 3"), message);
        assertThrows(IllegalArgumentException.class, () -> new Form(4, 3, 4, 2, 2, 3, 64, Choices.defaults()));
        assertThrows(
                IllegalArgumentException.class, () -> new Choices(FirstDecays.UNIFORM, Gate.ALONE, false, 0, 0.5, 0.1));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Choices(FirstDecays.UNIFORM, Gate.ALONE, false, 0, Double.NaN, 0.1));
        assertThrows(IllegalArgumentException.class, () -> new Mamba2(SMALL, 0, RANDOM));
        assertThrows(IllegalArgumentException.class, () -> new GatedRmsNorm(6, 4, false));
        message = assertThrows(
                        IllegalArgumentException.class, () -> new Mamba2(SMALL, RANDOM).apply(Tensor.zeros(2, 3, 6)))
                .getMessage();
        assertTrue(message.contains("[b, t, 4]") && message.contains("[2, 3, 6]"), message);
    }
}
