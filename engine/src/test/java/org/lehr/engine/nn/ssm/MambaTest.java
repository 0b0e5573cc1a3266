package org.lehr.engine.nn.ssm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.SequenceLayer.Step;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.SelectiveScan;
import org.lehr.kernels.DType;

final class MambaTest {

    private static final RandomStream RANDOM = new RandomStream(29);
    private static final Mamba.Form FORM = new Mamba.Form(5, 3, 4, 2, 2);

    private static MambaLM<Mamba.State> model() {
        return new MambaLM<>(new MambaLM.Form<>(11, 7, 2, FORM), RANDOM);
    }

    @Test
    void oneTimeAfterTheOtherGivesWhatAllAtOnceGive() {
        Mamba layer = new Mamba(Mamba.Form.of(24), RANDOM);
        Tensor x = RANDOM.normal(DType.FLOAT32, 3, 70, 24);
        List<Tensor> ys = new ArrayList<>();
        Mamba.State state = layer.start(3);
        for (int t = 0; t < 70; t++) {
            Step<Mamba.State> step = layer.run(x.slice(1, t, t + 1), state);
            ys.add(step.y());
            state = step.state();
        }
        float[] stepwise = Concat.concat(1, ys.toArray(Tensor[]::new)).toFloatArray();
        assertArrayEquals(layer.apply(x).toFloatArray(), stepwise, 1e-5f);
        Mamba.State end = layer.run(x, layer.start(3)).state();
        assertArrayEquals(end.states().toFloatArray(), state.states().toFloatArray(), 1e-5f);
        assertArrayEquals(end.inputs().toFloatArray(), state.inputs().toFloatArray(), 1e-5f);
    }

    @Test
    void gradientsFlowThroughBothEndsOfTheState() {
        Mamba layer = new Mamba(FORM, RANDOM);
        layer.convert(DType.FLOAT64);
        Tensor x = RANDOM.normal(DType.FLOAT64, 2, 7, 5).requiringGradient();
        Tensor whole = layer.apply(x).square().sum();
        Step<Mamba.State> first = layer.run(x.slice(1, 0, 3), layer.start(2));
        Step<Mamba.State> second = layer.run(x.slice(1, 3, 7), first.state());
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
        double[] rates = {-0.5, -1.7, -3.1};
        double width = 0.3;
        double[] b = {0.7, -1.1, 0.4};
        double[] c = {1.3, 0.2, -0.9};
        Tensor u = RANDOM.normal(DType.FLOAT64, 1, times, 1);
        Tensor y = SelectiveScan.selectiveScan(
                SelectiveScan.Inputs.of(
                        u,
                        Tensor.of(new double[] {width}, 1, 1, 1).expand(1, times, 1),
                        Tensor.of(rates, 1, 3),
                        Tensor.of(b, 3),
                        Tensor.of(c, 3)),
                false);
        double[] in = u.toDoubleArray();
        double[] out = y.toDoubleArray();
        for (int t = 0; t < times; t++) {
            double sum = 0;
            for (int back = 0; back <= t; back++) {
                for (int j = 0; j < 3; j++) {
                    sum += c[j] * Math.exp(width * rates[j] * back) * width * b[j] * in[t - back];
                }
            }
            assertEquals(sum, out[t], 1e-12, "time " + t);
        }
    }

    @Test
    void namesAreThoseOfThePublicCheckpoints() {
        List<String> names = List.copyOf(model().parameters().keySet());
        assertEquals("backbone.embeddings.weight", names.getFirst());
        assertEquals("backbone.norm_f.weight", names.getLast());
        String block = "backbone.layers.1.";
        assertEquals(
                List.of(
                        block + "norm.weight",
                        block + "mixer.D",
                        block + "mixer.A_log",
                        block + "mixer.in_proj.weight",
                        block + "mixer.conv1d.weight",
                        block + "mixer.conv1d.bias",
                        block + "mixer.x_proj.weight",
                        block + "mixer.dt_proj.weight",
                        block + "mixer.dt_proj.bias",
                        block + "mixer.out_proj.weight"),
                names.stream().filter(name -> name.startsWith(block)).toList());
        assertEquals(
                "[10, 1, 4]",
                model().parameters()
                        .get(block + "mixer.conv1d.weight")
                        .own()
                        .shape()
                        .toString());
    }

    @Test
    void firstValuesAreThoseOfTheReference() {
        var parameters = new Mamba(Mamba.Form.of(32), RANDOM).parameters();
        float[] rates = parameters.get("A_log").own().exp().toFloatArray();
        for (int i = 0; i < rates.length; i++) {
            assertEquals(i % 16 + 1, rates[i], 1e-5f);
        }
        for (float bias : parameters.get("dt_proj.bias").own().toFloatArray()) {
            double step = Math.log1p(Math.exp(bias));
            assertTrue(step >= 0.99e-3 && step <= 1.01e-1, "step " + step);
        }
        assertTrue(!parameters.get("A_log").decays() && !parameters.get("D").decays());
        assertTrue(parameters.get("in_proj.weight").decays());
    }

    @Test
    void whatWasSavedGivesTheSameBits() {
        MambaLM<Mamba.State> model = model();
        MambaLM<Mamba.State> other = new MambaLM<>(new MambaLM.Form<>(11, 7, 2, FORM), new RandomStream(5));
        Tensor tokens = Tensor.of(new int[] {1, 9, 3, 0, 2, 2, 10, 4, 4}, 1, 9);
        Map<String, Tensor> saved = new LinkedHashMap<>(model.state());
        other.load(saved);
        assertArrayEquals(
                model.logits(tokens).toFloatArray(), other.logits(tokens).toFloatArray());
        SequencedMap<String, Tensor> incomplete = new LinkedHashMap<>(saved);
        incomplete.remove("backbone.norm_f.weight");
        assertThrows(IllegalArgumentException.class, () -> other.load(incomplete));
    }

    @Test
    void languageModelsGoOnWhereTheyStopped() {
        MambaLM<Mamba.State> model = model();
        Tensor tokens = Tensor.of(new int[] {1, 9, 3, 0, 2, 2, 10, 4, 4}, 1, 9);
        var first = model.run(tokens.slice(1, 0, 4), model.start(1));
        var second = model.run(tokens.slice(1, 4, 9), first.state());
        Tensor pieces = Concat.concat(1, first.y(), second.y());
        assertArrayEquals(model.logits(tokens).toFloatArray(), pieces.toFloatArray(), 1e-5f);
        assertEquals(7, model.context());
        assertEquals(11, model.vocabulary());
        assertEquals(6.0 * model.parameterCount() + 18.0 * 2 * 10 * 3, model.flopsPerToken());
    }

    @Test
    void refusalsNameTheValues() {
        String message = assertThrows(IllegalArgumentException.class, () -> new Mamba.Form(8, 0, 4, 2, 1))
                .getMessage();
        assertTrue(message.contains("states 0"), message);
        assertThrows(IllegalArgumentException.class, () -> new MambaLM.Form<>(0, 7, 2, FORM));
        assertThrows(IllegalArgumentException.class, () -> new Mamba(FORM, 0, RANDOM));
        assertThrows(IllegalArgumentException.class, () -> new ShortConvolution(0, 4, RANDOM));
        message = assertThrows(
                        IllegalArgumentException.class, () -> new Mamba(FORM, RANDOM).apply(Tensor.zeros(2, 3, 6)))
                .getMessage();
        assertTrue(message.contains("[b, t, 5]") && message.contains("[2, 3, 6]"), message);
        assertThrows(IllegalArgumentException.class, () -> model().logits(Tensor.of(new int[] {1, 2})));
    }
}
