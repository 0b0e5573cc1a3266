package org.lehr.engine.nn.hybrid;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.SequenceLayer.Step;
import org.lehr.engine.nn.ssm.Mamba2;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.Gelu;
import org.lehr.kernels.DType;

final class Zamba2Test {

    private static final SharedBlock.Form BLOCK = new SharedBlock.Form(8, 4, 10, 10_000, 3, true);

    private static ZambaLM<Mamba2.State> model(long seed) {
        ZambaForm<Mamba2.State> form = new ZambaForm<>(11, 16, 4, Mamba2.Form.of(8), List.of(0, 1, 3), 2, BLOCK);
        return new ZambaLM<>(form, new RandomStream(seed));
    }

    /// With weights of a size that lets everything matter.
    private static ZambaLM<Mamba2.State> lively() {
        ZambaLM<Mamba2.State> model = model(3);
        RandomStream random = new RandomStream(8);
        model.parameters().forEach((path, parameter) -> {
            if (!path.contains("A_log") && !path.contains("dt_bias")) {
                parameter.set(
                        random.normal(DType.FLOAT32, parameter.own().shape().toArray())
                                .mul(0.5));
            }
        });
        return model;
    }

    private static Tensor tokens(int batch, int times) {
        return Tensor.of(new Random(4).ints((long) batch * times, 0, 11).toArray(), batch, times);
    }

    @Test
    void namesAreThoseOfThePublicCheckpoints() {
        List<String> names = List.copyOf(model(3).parameters().keySet());
        String first = "model.layers.0.shared_transformer.";
        String second = "model.layers.1.shared_transformer.";
        assertTrue(names.containsAll(List.of(
                first + "feed_forward.gate_up_proj.weight",
                first + "feed_forward.gate_up_proj_adapter_list.0.0.weight",
                first + "feed_forward.gate_up_proj_adapter_list.2.1.weight",
                first + "self_attn.linear_q_adapter_list.0.0.weight",
                second + "feed_forward.gate_up_proj_adapter_list.1.0.weight",
                second + "self_attn.linear_v_adapter_list.1.1.weight",
                "model.layers.0.mamba_decoder.mamba.A_log",
                "model.layers.2.mamba.norm.weight",
                "model.layers.3.linear.weight")));
        assertFalse(names.contains(first + "feed_forward.gate_up_proj_adapter_list.1.0.weight"));
        assertFalse(names.stream().anyMatch(name -> name.startsWith("model.layers.3.shared")));
    }

    @Test
    void theUsualFormsAreThoseOfThePaper() {
        ZambaForm<Mamba2.State> large = ZambaForm.zamba2(new ZambaForm.Sizes(32_000, 4096, 54, 2560, 32, 10_240));
        assertEquals(2, large.blocks());
        assertEquals(128, large.block().rank());
        assertEquals(List.of(6, 12, 18, 24, 30, 36, 42), large.sites().subList(0, 7));
        ZambaForm<Mamba2.State> small = ZambaForm.zamba2(new ZambaForm.Sizes(256, 128, 4, 192, 6, 512));
        assertEquals(1, small.blocks());
        assertEquals(List.of(1, 3), small.sites());
    }

    @Test
    void changesBeginAtZeroAndBelongToTheirSite() {
        ZambaLM<Mamba2.State> model = model(3);
        model.convert(DType.FLOAT64);
        Tensor tokens = tokens(2, 6);
        double[] before = model.logits(tokens).toDoubleArray();
        Map<String, Parameter> parameters = model.parameters();
        parameters.forEach((path, parameter) -> {
            if (path.contains("adapter_list") && path.endsWith(".0.weight")) {
                parameter.set(parameter.own().detach().mul(5));
            }
        });
        assertArrayEquals(before, model.logits(tokens).toDoubleArray());
        String outer = "model.layers.0.shared_transformer.feed_forward.gate_up_proj_adapter_list.2.1.weight";
        parameters.get(outer).set(LayerGradient.normal(20, 3));
        Tensor loss = model.logits(tokens).square().sum();
        assertTrue(Math.abs(loss.item() - sumOfSquares(before)) > 1e-12);
        for (String path : parameters.keySet()) {
            if (path.contains("adapter_list") && path.endsWith(".1.weight")) {
                Tensor gradient = Autograd.gradient(
                                List.of(model.logits(tokens).square().sum()),
                                List.of(parameters.get(path).own()),
                                false)
                        .getFirst();
                assertTrue(gradient.square().sum().item() > 0, path);
            }
        }
    }

    private static double sumOfSquares(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return sum;
    }

    @Test
    void theFeedForwardLayerIsItsEquation() {
        AdaptedMlp mlp =
                new AdaptedMlp(BLOCK, List.of(0, 4), org.lehr.engine.nn.Initializer.normal(1), new RandomStream(6));
        mlp.parameters()
                .forEach((path, parameter) -> parameter.set(new RandomStream(path.length())
                        .normal(DType.FLOAT32, parameter.own().shape().toArray())));
        mlp.convert(DType.FLOAT64);
        Map<String, Tensor> w = mlp.state();
        Tensor x = LayerGradient.normal(2, 3, 8);
        Tensor change =
                w.get("gate_up_proj_adapter_list.4.1.weight").matmul(w.get("gate_up_proj_adapter_list.4.0.weight"));
        Tensor both = x.matmul(w.get("gate_up_proj.weight").add(change).transpose(0, 1));
        Tensor expected = Gelu.gelu(both.slice(2, 0, 10))
                .mul(both.slice(2, 10, 20))
                .matmul(w.get("down_proj.weight").transpose(0, 1));
        assertArrayEquals(expected.toDoubleArray(), mlp.apply(x, 4).toDoubleArray(), 1e-10);
    }

    @Test
    void gradientsAreThoseOfDifferences() {
        SharedBlock.Form small = new SharedBlock.Form(2, 2, 3, 100, 1, true);
        SharedBlock block =
                new SharedBlock(small, List.of(0, 1), org.lehr.engine.nn.Initializer.normal(0.7), new RandomStream(2));
        block.parameters().forEach((path, parameter) -> {
            if (path.endsWith(".1.weight")) {
                parameter.set(new RandomStream(path.length())
                        .normal(DType.FLOAT32, parameter.own().shape().toArray()));
            }
        });
        LayerGradient.check(
                block,
                x -> {
                    Step<KeyValues> first = block.run(x[0], x[1], 0, block.start(1));
                    return block.run(first.y(), x[1], 1, block.start(1)).y();
                },
                LayerGradient.normal(1, 3, 2),
                new RandomStream(9).normal(DType.FLOAT64, 1, 3, 2));
    }

    @Test
    void oneTokenAfterTheOtherGivesWhatAllAtOnceGive() {
        ZambaLM<Mamba2.State> model = lively();
        Tensor tokens = tokens(2, 20);
        assertArrayEquals(model.logits(tokens).toDoubleArray(), stepwise(model, tokens), 1e-3);
        model.convert(DType.FLOAT64);
        assertArrayEquals(model.logits(tokens).toDoubleArray(), stepwise(model, tokens), 1e-9);
    }

    private static double[] stepwise(ZambaLM<Mamba2.State> model, Tensor tokens) {
        List<Tensor> ys = new ArrayList<>();
        ZambaLM.State<Mamba2.State> state = model.start(tokens.extent(0));
        for (int t = 0; t < tokens.extent(1); t++) {
            Step<ZambaLM.State<Mamba2.State>> step = model.run(tokens.slice(1, t, t + 1), state);
            ys.add(step.y());
            state = step.state();
        }
        return Concat.concat(1, ys.toArray(Tensor[]::new)).toDoubleArray();
    }

    @Test
    void whatWasSavedGivesTheSameBits() {
        ZambaLM<Mamba2.State> model = lively();
        ZambaLM<Mamba2.State> other = model(99);
        other.load(new LinkedHashMap<>(model.state()));
        Tensor tokens = tokens(3, 12);
        assertArrayEquals(
                model.logits(tokens).toFloatArray(), other.logits(tokens).toFloatArray());
    }
}
