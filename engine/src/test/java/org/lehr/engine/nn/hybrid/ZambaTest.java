package org.lehr.engine.nn.hybrid;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.Decoding;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.SequenceLayer.Step;
import org.lehr.engine.nn.ssm.Mamba;
import org.lehr.engine.nn.ssm.MultiHeadMamba;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.Gelu;
import org.lehr.kernels.DType;
import org.lehr.kernels.parallel.Workers;

final class ZambaTest {

    private static final MultiHeadMamba.Form MIXER = new MultiHeadMamba.Form(new Mamba.Form(6, 3, 4, 2, 2), 2);
    private static final SharedBlock.Form BLOCK = SharedBlock.Form.of(6, 3, 10);

    private static ZambaForm<Mamba.State> form(int layers, List<Integer> sites, int blocks) {
        return new ZambaForm<>(11, 16, layers, MIXER, sites, blocks, BLOCK);
    }

    private static ZambaLM<Mamba.State> model(int blocks, long seed) {
        return new ZambaLM<>(form(5, List.of(1, 2, 4), blocks), new RandomStream(seed));
    }

    /// With weights of a size that lets everything matter.
    private static ZambaLM<Mamba.State> lively(int blocks) {
        ZambaLM<Mamba.State> model = model(blocks, 3);
        RandomStream random = new RandomStream(8);
        model.parameters().forEach((path, parameter) -> {
            if (!path.contains("A_log") && !path.contains("dt_proj")) {
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
    void parametersAreTheStackAndExactlyOneBlock() {
        ZambaLM<Mamba.State> model = model(1, 3);
        long mixer = new MultiHeadMamba(MIXER, 5, new RandomStream(1)).parameterCount();
        long block = 12 + 3 * 12 * 12 + 12 * 6 + 6 + 3 * 6 * 10;
        assertEquals(11 * 6 + 5 * (mixer + 6) + 3 * 6 * 6 + block + 6, model.parameterCount());
        assertEquals(block, model(3, 3).parameterCount() / 2 - model(1, 3).parameterCount() / 2);
    }

    @Test
    void namesAreThoseOfThePublicCheckpoint() {
        List<String> names = List.copyOf(model(1, 3).parameters().keySet());
        assertEquals("model.embed_tokens.weight", names.getFirst());
        assertEquals("model.final_layernorm.weight", names.getLast());
        assertTrue(names.containsAll(List.of(
                "model.layers.0.input_layernorm.weight",
                "model.layers.0.mamba.x_proj_weight",
                "model.layers.1.mamba_decoder.mamba.dt_proj_bias",
                "model.layers.1.mamba_decoder.input_layernorm.weight",
                "model.layers.1.linear.weight",
                "model.layers.1.shared_transf.input_layernorm.weight",
                "model.layers.1.shared_transf.self_attn.o_proj.weight",
                "model.layers.1.shared_transf.pre_ff_layernorm.weight",
                "model.layers.1.shared_transf.feed_forward.gate_proj.weight",
                "model.layers.2.linear.weight")));
        assertFalse(names.stream().anyMatch(name -> name.startsWith("model.layers.2.shared_transf")));
    }

    @Test
    void sitesAreThoseOfTheCheckpointsAtAnyDepth() {
        assertEquals(List.of(2, 7, 13, 19, 25, 31, 37, 43, 49, 55, 61, 67, 73), ZambaForm.zambaSites(76));
        assertEquals(List.of(2, 7), ZambaForm.zambaSites(12));
        assertEquals(List.of(1, 3), ZambaForm.zambaSites(4));
        assertEquals(List.of(0), ZambaForm.zambaSites(1));
        assertEquals(List.of(6, 12, 18), ZambaForm.zamba2Sites(20));
        assertEquals(List.of(1, 3, 5), ZambaForm.zamba2Sites(6));
    }

    @Test
    void theSharedGradientIsTheSumOverItsSites() {
        ZambaLM<Mamba.State> shared = lively(1);
        ZambaLM<Mamba.State> apart = model(3, 5);
        Map<String, Tensor> weights = new LinkedHashMap<>(shared.state());
        Map<String, Tensor> block = new LinkedHashMap<>();
        weights.forEach((path, value) -> {
            if (path.contains("shared_transf")) {
                block.put(path.replace(".1.", ".2."), value);
                block.put(path.replace(".1.", ".4."), value);
            }
        });
        weights.putAll(block);
        apart.load(weights);
        shared.convert(DType.FLOAT64);
        apart.convert(DType.FLOAT64);
        Tensor tokens = tokens(2, 7);
        Map<String, Parameter> own = shared.parameters();
        Map<String, Parameter> others = apart.parameters();
        List<String> paths = own.keySet().stream()
                .filter(path -> path.contains("shared_transf"))
                .toList();
        assertEquals(9, paths.size());
        Tensor loss = shared.logits(tokens).square().mean();
        assertEquals(loss.item(), apart.logits(tokens).square().mean().item(), 1e-12);
        List<Tensor> sums = Autograd.gradient(
                List.of(loss), paths.stream().map(path -> own.get(path).own()).toList(), false);
        for (int i = 0; i < paths.size(); i++) {
            String path = paths.get(i);
            List<Tensor> parts = Autograd.gradient(
                    List.of(apart.logits(tokens).square().mean()),
                    List.of(
                            others.get(path).own(),
                            others.get(path.replace(".1.", ".2.")).own(),
                            others.get(path.replace(".1.", ".4.")).own()),
                    false);
            Tensor sum = parts.get(0).add(parts.get(1)).add(parts.get(2));
            assertArrayEquals(sum.toDoubleArray(), sums.get(i).toDoubleArray(), 1e-11, path);
            assertTrue(parts.get(2).square().sum().item() > 0, path);
        }
    }

    @Test
    void gradientsAreThoseOfDifferences() {
        MultiHeadMamba.Form mixer = new MultiHeadMamba.Form(new Mamba.Form(2, 2, 2, 2, 1), 2);
        ZambaForm<Mamba.State> form = new ZambaForm<>(5, 8, 3, mixer, List.of(1, 2), 1, SharedBlock.Form.of(2, 2, 3));
        ZambaLM<Mamba.State> model = new ZambaLM<>(form, new RandomStream(2));
        model.parameters().forEach((path, parameter) -> {
            if (path.contains("embed")) {
                parameter.set(parameter.own().detach().mul(20));
            }
        });
        Tensor tokens = Tensor.of(new int[] {1, 4, 0, 2}, 1, 4);
        LayerGradient.check(model, x -> model.logits(tokens));
    }

    private static Tensor normed(Tensor x, Tensor weight) {
        return x.div(x.square().mean(-1).add(1e-5).sqrt().unsqueeze(-1)).mul(weight);
    }

    private static Tensor mapped(Tensor x, Tensor weight) {
        return x.matmul(weight.transpose(0, 1));
    }

    /// Attention head by head with its score matrix, as the equations say.
    private static Tensor attended(Tensor u, Map<String, Tensor> w, String at) {
        int times = (int) u.extent(1);
        boolean[] later = new boolean[times * times];
        for (int i = 0; i < later.length; i++) {
            later[i] = i % times > i / times;
        }
        Tensor hidden = Tensor.of(later, times, times);
        List<Tensor> heads = new ArrayList<>();
        for (int head = 0; head < 3; head++) {
            Tensor[] p = new Tensor[3];
            for (int i = 0; i < 3; i++) {
                p[i] = mapped(u, w.get(at + List.of("q", "k", "v").get(i) + "_proj.weight"))
                        .slice(2, head * 4, head * 4 + 4);
            }
            Tensor scores = p[0].matmul(p[1].transpose(1, 2)).div(Math.sqrt(2));
            Tensor weights = org.lehr.engine.tensor.op.MaskedFill.maskedFill(scores, hidden, -1e30)
                    .softmax(-1);
            heads.add(weights.matmul(p[2]));
        }
        return mapped(Concat.concat(2, heads.toArray(Tensor[]::new)), w.get(at + "o_proj.weight"));
    }

    @Test
    void theModelIsItsEquations() {
        ZambaLM<Mamba.State> model = lively(1);
        model.convert(DType.FLOAT64);
        Map<String, Tensor> w = model.state();
        Tensor tokens = tokens(2, 7);
        Tensor embedding = w.get("model.embed_tokens.weight");
        Tensor first = org.lehr.engine.tensor.op.Embedding.embedding(embedding, tokens);
        Tensor x = first;
        String block = "model.layers.1.shared_transf.";
        for (int i = 0; i < 5; i++) {
            boolean site = i == 1 || i == 2 || i == 4;
            String at = "model.layers." + i + (site ? ".mamba_decoder." : ".");
            Tensor in = x;
            if (site) {
                Tensor u = normed(Concat.concat(2, x, first), w.get(block + "input_layernorm.weight"));
                Tensor a = normed(attended(u, w, block + "self_attn."), w.get(block + "pre_ff_layernorm.weight"));
                String mlp = block + "feed_forward.";
                Tensor said = mapped(
                        Gelu.gelu(mapped(a, w.get(mlp + "gate_proj.weight")))
                                .mul(mapped(a, w.get(mlp + "up_proj.weight"))),
                        w.get(mlp + "down_proj.weight"));
                in = x.add(mapped(said, w.get("model.layers." + i + ".linear.weight")));
            }
            MultiHeadMamba mixer = new MultiHeadMamba(MIXER, 1, new RandomStream(1));
            mixer.convert(DType.FLOAT64);
            Map<String, Tensor> inside = new LinkedHashMap<>();
            w.forEach((path, value) -> {
                if (path.startsWith(at + "mamba.")) {
                    inside.put(path.substring(at.length() + 6), value);
                }
            });
            mixer.load(inside);
            x = x.add(mixer.apply(normed(in, w.get(at + "input_layernorm.weight"))));
        }
        Tensor expected = mapped(normed(x, w.get("model.final_layernorm.weight")), embedding);
        assertArrayEquals(expected.toDoubleArray(), model.logits(tokens).toDoubleArray(), 1e-10);
    }

    @Test
    void oneTokenAfterTheOtherGivesWhatAllAtOnceGive() {
        ZambaLM<Mamba.State> model = lively(2);
        Tensor tokens = tokens(2, 20);
        float[] whole = model.logits(tokens).toFloatArray();
        List<Tensor> ys = new ArrayList<>();
        ZambaLM.State<Mamba.State> state = model.start(2);
        for (int t = 0; t < 20; t++) {
            Step<ZambaLM.State<Mamba.State>> step = model.run(tokens.slice(1, t, t + 1), state);
            ys.add(step.y());
            state = step.state();
        }
        float[] steps = Concat.concat(1, ys.toArray(Tensor[]::new)).toFloatArray();
        for (int i = 0; i < whole.length; i++) {
            assertEquals(whole[i], steps[i], 1e-4f * Math.max(1, Math.abs(whole[i])), "score " + i);
        }
        assertEquals(3, state.attention().size());
        assertTrue(state.attention().stream().allMatch(seen -> seen.length() == 20));
        assertFalse(java.util.Arrays.equals(
                state.attention().get(0).keys().toFloatArray(),
                state.attention().get(2).keys().toFloatArray()));
    }

    @Test
    void sequencesAreDecodedApartAndMayBeDoubled() {
        ZambaLM<Mamba.State> model = lively(1);
        Decoding decoding = model.decode(List.of(new int[] {3, 1}, new int[] {7, 2, 5, 9}));
        decoding.select(new int[] {1, 1, 0});
        decoding.append(new int[] {4, 8, 6});
        int[][] sequences = {{7, 2, 5, 9, 4}, {7, 2, 5, 9, 8}, {3, 1, 6}};
        for (int i = 0; i < sequences.length; i++) {
            int length = sequences[i].length;
            float[] expected = model.logits(Tensor.of(sequences[i], 1, length))
                    .slice(1, length - 1, length)
                    .toFloatArray();
            assertArrayEquals(expected, decoding.scores()[i], 1e-4f);
        }
    }

    @Test
    void whatWasSavedGivesTheSameBitsOnAnyNumberOfThreads() {
        ZambaLM<Mamba.State> model = lively(1);
        ZambaLM<Mamba.State> other = model(1, 99);
        other.load(new LinkedHashMap<>(model.state()));
        Tensor tokens = tokens(3, 16);
        float[] expected = model.logits(tokens).toFloatArray();
        for (int threads : new int[] {1, 2, 5}) {
            float[][] found = new float[1][];
            Workers.with(threads, () -> found[0] = other.logits(tokens).toFloatArray());
            assertArrayEquals(expected, found[0], threads + " threads");
        }
    }

    @Test
    void refusalsNameTheValues() {
        String message = assertThrows(IllegalArgumentException.class, () -> form(3, List.of(2, 1), 1))
                .getMessage();
        assertTrue(message.contains("[2, 1]"), message);
        assertThrows(IllegalArgumentException.class, () -> form(3, List.of(3), 1));
        assertThrows(IllegalArgumentException.class, () -> form(3, List.of(1), 2));
        assertThrows(IllegalArgumentException.class, () -> form(0, List.of(), 1));
        assertThrows(IllegalArgumentException.class, () -> SharedBlock.Form.of(6, 5, 10));
        assertThrows(IllegalArgumentException.class, () -> new SharedBlock.Form(6, 3, 10, 0, 0, true));
        message = assertThrows(
                        IllegalArgumentException.class,
                        () -> new ZambaForm<>(11, 16, 3, Mamba.Form.of(8), List.of(1), 1, BLOCK))
                .getMessage();
        assertTrue(message.contains("8 and 6"), message);
        assertThrows(IllegalArgumentException.class, () -> model(1, 1).logits(Tensor.of(new int[] {1, 2})));
    }
}
