package org.lehr.engine.nn.preset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.KeyValueCache;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.attention.BucketedPositions;
import org.lehr.engine.nn.transformer.Depth;
import org.lehr.engine.nn.transformer.Embeddings;
import org.lehr.engine.nn.transformer.TransformerConfig;
import org.lehr.engine.nn.transformer.TransformerLM;
import org.lehr.engine.nn.transformer.TransformerSizes;
import org.lehr.engine.nn.vision.VisionTransformer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.engine.tensor.op.Embedding;
import org.lehr.engine.tensor.op.LayerNorm;
import org.lehr.engine.tensor.op.Linear;
import org.lehr.engine.tensor.op.RmsNorm;
import org.lehr.engine.tensor.op.Where;
import org.lehr.kernels.DType;

/// Models beside their equations, written with the names of public files; and the names and sizes themselves.
final class PresetsTest {

    private static final TransformerSizes SIZES = new TransformerSizes(11, 9, 2, 8, 2, 2, 12);

    /// The parts of a model by name, in float64 and with values that are far from their first ones.
    private record Weights(Map<String, Tensor> all) {

        static Weights of(Module model) {
            model.train(false);
            model.parameters()
                    .forEach((path, parameter) -> parameter.set(new RandomStream(path.hashCode())
                            .normal(DType.FLOAT64, parameter.own().shape().toArray())
                            .mul(0.5)));
            model.convert(DType.FLOAT64);
            return new Weights(model.state());
        }

        Tensor get(String name) {
            Tensor value = all.get(name);
            assertTrue(value != null, () -> name + " is not among " + all.keySet());
            return value;
        }

        Tensor linear(String name, Tensor x) {
            return Linear.linear(x, get(name + ".weight"), all.get(name + ".bias"));
        }

        /// `x·W + b`
        Tensor stored(String name, Tensor x) {
            return x.matmul(get(name + ".weight")).add(get(name + ".bias"));
        }

        Tensor layerNorm(String name, Tensor x, double epsilon) {
            return LayerNorm.layerNorm(x, get(name + ".weight"), get(name + ".bias"), epsilon);
        }

        Tensor rms(String name, Tensor x) {
            return RmsNorm.rmsNorm(x, get(name + ".weight"), 1e-6);
        }

        Tensor rows(String name, Tensor tokens) {
            return Embedding.embedding(get(name + ".weight"), tokens);
        }
    }

    /// Two heads, one after the other. `q [b, t, n], k [b, s, n], v [b, s, n]`
    private static Tensor attention(Tensor q, Tensor k, Tensor v, double scale, Tensor bias, boolean causal) {
        long width = q.extent(2) / 2;
        Tensor[] heads = new Tensor[2];
        for (int h = 0; h < 2; h++) {
            Tensor scores = q.slice(2, h * width, (h + 1) * width)
                    .matmul(k.slice(2, h * width, (h + 1) * width).transpose(1, 2))
                    .mul(scale);
            scores = bias == null ? scores : scores.add(bias.slice(0, h, h + 1));
            if (causal) {
                boolean[] later = new boolean[(int) (q.extent(1) * k.extent(1))];
                for (int i = 0; i < later.length; i++) {
                    later[i] = i % k.extent(1) > i / k.extent(1);
                }
                scores = Where.where(Tensor.of(later, q.extent(1), k.extent(1)), scores.scalarLike(-1e30), scores);
            }
            heads[h] = scores.softmax(-1).matmul(v.slice(2, h * width, (h + 1) * width));
        }
        return Concat.concat(2, heads);
    }

    private static void assertClose(Tensor expected, Tensor actual) {
        assertEquals(expected.shape(), actual.shape());
        assertArrayEquals(expected.toDoubleArray(), actual.toDoubleArray(), 1e-9);
    }

    private static final Tensor TOKENS = Tensor.of(new int[] {1, 4, 2, 9, 0, 3}, 2, 3);

    @Test
    void gpt2() {
        TransformerLM model = new TransformerLM(Gpt2.of(SIZES), new RandomStream(1));
        Weights w = Weights.of(model);
        Tensor x = w.rows("wte", TOKENS).add(w.get("wpe.weight").slice(0, 0, 3));
        for (String at : List.of("h.0.", "h.1.")) {
            Tensor qkv = w.stored(at + "attn.c_attn", w.layerNorm(at + "ln_1", x, 1e-5));
            Tensor a = attention(qkv.slice(2, 0, 8), qkv.slice(2, 8, 16), qkv.slice(2, 16, 24), 0.5, null, true);
            x = x.add(w.stored(at + "attn.c_proj", a));
            Tensor inner = Activation.GELU_TANH.apply(w.stored(at + "mlp.c_fc", w.layerNorm(at + "ln_2", x, 1e-5)));
            x = x.add(w.stored(at + "mlp.c_proj", inner));
        }
        Tensor logits = w.layerNorm("ln_f", x, 1e-5).matmul(w.get("wte.weight").transpose(0, 1));
        assertClose(logits, model.logits(TOKENS));
    }

    @Test
    void olmo2() {
        TransformerLM model = new TransformerLM(Olmo2.of(SIZES), new RandomStream(1));
        Weights w = Weights.of(model);
        Tensor x = w.rows("model.embed_tokens", TOKENS);
        for (String at : List.of("model.layers.0.", "model.layers.1.")) {
            Tensor q = turned(w.rms(at + "self_attn.q_norm", w.linear(at + "self_attn.q_proj", x)));
            Tensor k = turned(w.rms(at + "self_attn.k_norm", w.linear(at + "self_attn.k_proj", x)));
            Tensor a = attention(q, k, w.linear(at + "self_attn.v_proj", x), 0.5, null, true);
            x = x.add(w.rms(at + "post_attention_layernorm", w.linear(at + "self_attn.o_proj", a)));
            Tensor inner =
                    Activation.SILU.apply(w.linear(at + "mlp.gate_proj", x)).mul(w.linear(at + "mlp.up_proj", x));
            x = x.add(w.rms(at + "post_feedforward_layernorm", w.linear(at + "mlp.down_proj", inner)));
        }
        Tensor logits = w.linear("lm_head", w.rms("model.norm", x));
        assertArrayEquals(logits.toDoubleArray(), model.logits(TOKENS).toDoubleArray(), 1e-5);
        assertEquals(1e-5, model.predict(TOKENS).losses().getFirst().coefficient());
    }

    /// Rotation of two heads of width 4, base 500,000, element `i` with `i + 2`.
    private static Tensor turned(Tensor x) {
        double[] values = x.toDoubleArray();
        double[] out = values.clone();
        for (int at = 0; at < values.length; at += 4) {
            int place = at / 8 % 3;
            for (int i = 0; i < 2; i++) {
                double angle = place * Math.pow(500_000, -2.0 * i / 4);
                out[at + i] = values[at + i] * Math.cos(angle) - values[at + i + 2] * Math.sin(angle);
                out[at + i + 2] = values[at + i] * Math.sin(angle) + values[at + i + 2] * Math.cos(angle);
            }
        }
        return Tensor.of(out, x.shape().toArray());
    }

    @Test
    void bert() {
        Bert model = new Bert(SIZES, 0.1, new RandomStream(1));
        Weights w = Weights.of(model);
        Tensor kinds = Tensor.of(new int[] {0, 0, 1, 0, 1, 1}, 2, 3);
        String in = "bert.embeddings.";
        Tensor x = w.rows(in + "word_embeddings", TOKENS)
                .add(w.get(in + "position_embeddings.weight").slice(0, 0, 3))
                .add(w.rows(in + "token_type_embeddings", kinds));
        x = w.layerNorm(in + "LayerNorm", x, 1e-12);
        for (String at : List.of("bert.encoder.layer.0.", "bert.encoder.layer.1.")) {
            String self = at + "attention.self.";
            Tensor a = attention(
                    w.linear(self + "query", x),
                    w.linear(self + "key", x),
                    w.linear(self + "value", x),
                    0.5,
                    null,
                    false);
            x = w.layerNorm(
                    at + "attention.output.LayerNorm", x.add(w.linear(at + "attention.output.dense", a)), 1e-12);
            Tensor inner = Activation.GELU.apply(w.linear(at + "intermediate.dense", x));
            x = w.layerNorm(at + "output.LayerNorm", x.add(w.linear(at + "output.dense", inner)), 1e-12);
        }
        Tensor encoded = model.encode(TOKENS, kinds, null);
        assertClose(x, encoded);
        Tensor pooled =
                w.linear("bert.pooler.dense", x.slice(1, 0, 1).squeeze(1)).tanh();
        assertClose(pooled, model.pooled(encoded));
        assertClose(w.linear("cls.seq_relationship", pooled), model.relationship(pooled));
        String head = "cls.predictions.";
        Tensor y = w.layerNorm(
                head + "transform.LayerNorm", Activation.GELU.apply(w.linear(head + "transform.dense", x)), 1e-12);
        Tensor logits =
                y.matmul(w.get(in + "word_embeddings.weight").transpose(0, 1)).add(w.get(head + "bias"));
        assertClose(logits, model.logits(encoded));
    }

    @Test
    void paddingIsNotSeenByBert() {
        Bert model = new Bert(SIZES, 0.1, new RandomStream(1));
        model.train(false);
        Tensor kinds = Tensor.of(new int[6], 2, 3);
        Tensor padding = Tensor.of(new boolean[] {false, false, true, false, false, true}, 2, 3);
        Tensor shorter = model.encode(TOKENS.slice(1, 0, 2), kinds.slice(1, 0, 2), null);
        assertArrayEquals(
                shorter.toFloatArray(),
                model.encode(TOKENS, kinds, padding).slice(1, 0, 2).toFloatArray(),
                1e-5f);
        assertThrows(IllegalArgumentException.class, () -> model.encode(TOKENS, kinds.slice(1, 0, 2), null));
    }

    @Test
    void t5() {
        for (boolean gated : List.of(false, true)) {
            T5 model = new T5(new T5.Form(11, 2, 6, 2, 4, 5, gated, 0.1), new RandomStream(1));
            Weights w = Weights.of(model);
            Tensor source = Tensor.of(new int[] {5, 1, 8, 2, 7, 7, 3, 10}, 2, 4);
            Tensor x = w.rows("shared", source);
            Tensor both = distances(w, "encoder", true, 4);
            for (String at : List.of("encoder.block.0.", "encoder.block.1.")) {
                x = attended(w, at + "layer.0", "SelfAttention", x, null, both, false);
                x = fed(w, at + "layer.1", x, gated);
            }
            Tensor encoded = w.rms("encoder.final_layer_norm", x);
            assertClose(encoded, model.encode(source, null));
            Tensor y = w.rows("shared", TOKENS);
            Tensor one = distances(w, "decoder", false, 3);
            for (String at : List.of("decoder.block.0.", "decoder.block.1.")) {
                y = attended(w, at + "layer.0", "SelfAttention", y, null, one, true);
                y = attended(w, at + "layer.1", "EncDecAttention", y, encoded, null, false);
                y = fed(w, at + "layer.2", y, gated);
            }
            Tensor normed = w.rms("decoder.final_layer_norm", y);
            Tensor logits = gated
                    ? w.linear("lm_head", normed)
                    : normed.div(Math.sqrt(6)).matmul(w.get("shared.weight").transpose(0, 1));
            assertClose(logits, model.logits(TOKENS, encoded, null));
            assertStepsAgree(model, encoded, logits);
            Tensor targets = Tensor.of(new int[] {4, 2, 1, 0, 3, 5}, 6);
            LayerGradient.check(
                    model,
                    in -> CrossEntropy.crossEntropy(model.logits(TOKENS, model.encode(source, null), null), targets));
        }
    }

    private static Tensor distances(Weights w, String side, boolean both, int length) {
        Tensor table = w.get(side + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight");
        BucketedPositions.Buckets buckets = new BucketedPositions.Buckets(32, 128, both);
        double[] values = new double[2 * length * length];
        for (int i = 0; i < values.length; i++) {
            int head = i / (length * length);
            int bucket = buckets.of(i % length - i / length % length);
            values[i] =
                    table.slice(0, bucket, bucket + 1).slice(1, head, head + 1).item();
        }
        return Tensor.of(values, 2, length, length);
    }

    private static Tensor attended(
            Weights w, String at, String name, Tensor x, Tensor memory, Tensor bias, boolean causal) {
        Tensor normed = w.rms(at + ".layer_norm", x);
        Tensor read = memory == null ? normed : memory;
        String part = at + "." + name;
        Tensor a = attention(
                w.linear(part + ".q", normed),
                w.linear(part + ".k", read),
                w.linear(part + ".v", read),
                1,
                bias,
                causal);
        return x.add(w.linear(part + ".o", a));
    }

    private static Tensor fed(Weights w, String at, Tensor x, boolean gated) {
        Tensor normed = w.rms(at + ".layer_norm", x);
        String part = at + ".DenseReluDense";
        Tensor inner = gated
                ? Activation.GELU_TANH.apply(w.linear(part + ".wi_0", normed)).mul(w.linear(part + ".wi_1", normed))
                : w.linear(part + ".wi", normed).relu();
        return x.add(w.linear(part + ".wo", inner));
    }

    private static void assertStepsAgree(T5 model, Tensor encoded, Tensor logits) {
        List<List<KeyValueCache>> caches = Stream.generate(
                        () -> Stream.generate(KeyValueCache::new).limit(2).toList())
                .limit(2)
                .toList();
        for (int i = 0; i < 3; i++) {
            Tensor next = model.next(TOKENS.slice(1, i, i + 1), model.read(encoded), null, caches);
            assertArrayEquals(logits.slice(1, i, i + 1).toDoubleArray(), next.toDoubleArray(), 1e-9);
        }
    }

    @Test
    void vit() {
        VisionTransformer.Form form = new VisionTransformer.Form(2, 4, 2, 8, 2, 2, 12, VisionTransformer.Choices.of(3));
        VisionTransformer model = new VisionTransformer(form, new RandomStream(1));
        Weights w = Weights.of(model);
        Tensor image = LayerGradient.normal(2, 2, 4, 4);
        String in = "vit.embeddings.";
        // Patches as rows: [b, 2, 2, 2, 2, 2] (channel, row, y, column, x) → [b, row, column, channel, y, x].
        Tensor patches =
                image.reshape(2, 2, 2, 2, 2, 2).permute(0, 2, 4, 1, 3, 5).reshape(2, 4, 8);
        Tensor filters = w.get(in + "patch_embeddings.projection.weight").reshape(8, 8);
        Tensor x = Linear.linear(patches, filters, w.get(in + "patch_embeddings.projection.bias"));
        x = Concat.concat(1, w.get(in + "cls_token").expand(2, 1, 8), x).add(w.get(in + "position_embeddings"));
        for (String at : List.of("vit.encoder.layer.0.", "vit.encoder.layer.1.")) {
            Tensor normed = w.layerNorm(at + "layernorm_before", x, 1e-12);
            String self = at + "attention.attention.";
            Tensor a = attention(
                    w.linear(self + "query", normed),
                    w.linear(self + "key", normed),
                    w.linear(self + "value", normed),
                    0.5,
                    null,
                    false);
            x = x.add(w.linear(at + "attention.output.dense", a));
            Tensor inner = Activation.GELU.apply(
                    w.linear(at + "intermediate.dense", w.layerNorm(at + "layernorm_after", x, 1e-12)));
            x = x.add(w.linear(at + "output.dense", inner));
        }
        Tensor first = w.layerNorm("vit.layernorm", x, 1e-12).slice(1, 0, 1).squeeze(1);
        assertClose(w.linear("classifier", first), model.apply(image));
        LayerGradient.check(model, 1, 2, 4, 4);
        assertThrows(IllegalArgumentException.class, () -> model.apply(Tensor.zeros(1, 2, 4, 5)));
        assertThrows(
                IllegalArgumentException.class,
                () -> new VisionTransformer.Form(2, 5, 2, 8, 2, 2, 12, VisionTransformer.Choices.of(3)));
    }

    @Test
    void sizesAreThoseOfThePublicModels() {
        assertEquals(124_439_808, count(Gpt2.of(Gpt2.SMALL)));
        assertEquals(354_823_168, count(Gpt2.of(Gpt2.MEDIUM)));
        assertEquals(6_738_415_616L, count(Llama.two(Llama.LLAMA2_7B)));
        assertEquals(1_484_916_736L, count(Olmo2.of(Olmo2.OLMO2_1B)));
        assertEquals(
                "attention.output.dense.bias attention.output.dense.weight attention.self.key.bias",
                new Bert(SIZES, 0, new RandomStream(1))
                        .parameters().keySet().stream()
                                .filter(path -> path.startsWith("bert.encoder.layer.1.att"))
                                .map(path -> path.substring("bert.encoder.layer.1.".length()))
                                .filter(path -> !path.contains("LayerNorm"))
                                .sorted()
                                .limit(3)
                                .collect(Collectors.joining(" ")));
    }

    /// How many parameters a model has, from one layer of it and two.
    private static long count(TransformerConfig config) {
        long few = counted(config, 1);
        long more = counted(config, 2);
        return few + (config.layers() - 1) * (more - few);
    }

    private static long counted(TransformerConfig config, int layers) {
        // A small vocabulary and context, and what they leave out, so that no gigabytes are filled.
        TransformerConfig small = new TransformerConfig(
                2,
                2,
                Depth.of(layers),
                config.block(),
                config.embeddings(),
                config.head(),
                config.initial(),
                config.names());
        long tables = config.head().tied() ? 1 : 2;
        boolean learned = config.embeddings().table() == Embeddings.Table.LEARNED;
        return new TransformerLM(small, new RandomStream(1)).parameterCount()
                + tables * (config.vocabulary() - 2) * config.width()
                + (learned ? (config.context() - 2) * config.width() : 0);
    }

    @Test
    void namesAreThoseOfThePublicFiles() {
        assertEquals(
                new TreeSet<>(List.of(
                        "h.0.attn.c_attn.bias",
                        "h.0.attn.c_attn.weight",
                        "h.0.attn.c_proj.bias",
                        "h.0.attn.c_proj.weight",
                        "h.0.ln_1.bias",
                        "h.0.ln_1.weight",
                        "h.0.ln_2.bias",
                        "h.0.ln_2.weight",
                        "h.0.mlp.c_fc.bias",
                        "h.0.mlp.c_fc.weight",
                        "h.0.mlp.c_proj.bias",
                        "h.0.mlp.c_proj.weight",
                        "ln_f.bias",
                        "ln_f.weight",
                        "wpe.weight",
                        "wte.weight")),
                names(new TransformerLM(Gpt2.of(new TransformerSizes(11, 9, 1, 8, 2, 2, 12)), new RandomStream(1))));
        assertEquals(
                new TreeSet<>(List.of(
                        "lm_head.weight",
                        "model.embed_tokens.weight",
                        "model.layers.0.input_layernorm.weight",
                        "model.layers.0.mlp.down_proj.weight",
                        "model.layers.0.mlp.gate_proj.weight",
                        "model.layers.0.mlp.up_proj.weight",
                        "model.layers.0.post_attention_layernorm.weight",
                        "model.layers.0.self_attn.k_proj.weight",
                        "model.layers.0.self_attn.o_proj.weight",
                        "model.layers.0.self_attn.q_proj.weight",
                        "model.layers.0.self_attn.v_proj.weight",
                        "model.norm.weight")),
                names(new TransformerLM(Llama.two(new TransformerSizes(11, 9, 1, 8, 2, 2, 12)), new RandomStream(1))));
    }

    private static TreeSet<String> names(Module model) {
        return new TreeSet<>(model.state().keySet());
    }
}
