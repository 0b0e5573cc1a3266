package org.lehr.engine.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lehr.engine.io.SafetensorsFile;
import org.lehr.engine.io.SafetensorsWriter;
import org.lehr.engine.nn.transformer.Head;
import org.lehr.engine.nn.transformer.Initial;
import org.lehr.engine.nn.transformer.TransformerConfig;
import org.lehr.engine.nn.transformer.TransformerLM;
import org.lehr.engine.nn.transformer.TransformerSizes;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Scope;

final class ModuleTest {

    private static TransformerLM model(long seed, boolean tied) {
        TransformerConfig config = TransformerConfig.of(new TransformerSizes(7, 5, 2, 4, 2, 1, 3))
                .withBlock(block -> block.withDropout(0.1))
                .withHead(Head.plain().withTied(tied))
                .withInitial(new Initial(0.5, true));
        return new TransformerLM(config, new RandomStream(seed));
    }

    private static SequencedMap<String, float[]> bits(Module module) {
        SequencedMap<String, float[]> bits = new LinkedHashMap<>();
        module.state().forEach((path, tensor) -> bits.put(path, tensor.toFloatArray()));
        return bits;
    }

    private static void assertSameBits(Map<String, float[]> expected, Map<String, float[]> actual) {
        assertEquals(List.copyOf(expected.keySet()), List.copyOf(actual.keySet()));
        expected.forEach((path, values) -> assertArrayEquals(values, actual.get(path), path));
    }

    @Test
    void namesAreThoseOfLlama() {
        List<String> block = List.of(
                "input_layernorm.weight",
                "self_attn.q_proj.weight",
                "self_attn.k_proj.weight",
                "self_attn.v_proj.weight",
                "self_attn.o_proj.weight",
                "self_attn.q_norm.weight",
                "self_attn.k_norm.weight",
                "post_attention_layernorm.weight",
                "mlp.gate_proj.weight",
                "mlp.up_proj.weight",
                "mlp.down_proj.weight");
        List<String> expected = new java.util.ArrayList<>(List.of("model.embed_tokens.weight"));
        for (int i = 0; i < 2; i++) {
            String prefix = "model.layers." + i + ".";
            block.forEach(name -> expected.add(prefix + name));
        }
        expected.add("model.norm.weight");
        assertEquals(expected, List.copyOf(model(1, true).parameters().keySet()));
        expected.add("lm_head.weight");
        assertEquals(expected, List.copyOf(model(1, false).parameters().keySet()));
    }

    @Test
    void shapesAreThoseOfLlama() {
        SequencedMap<String, Parameter> parameters = model(1, false).parameters();
        Map.of(
                        "model.embed_tokens",
                        "[7, 4]",
                        "model.layers.1.self_attn.q_proj",
                        "[4, 4]",
                        "model.layers.1.self_attn.k_proj",
                        "[2, 4]",
                        "model.layers.0.mlp.down_proj",
                        "[4, 3]",
                        "model.layers.0.self_attn.q_norm",
                        "[2]",
                        "lm_head",
                        "[7, 4]")
                .forEach((path, shape) -> assertEquals(
                        shape, parameters.get(path + ".weight").own().shape().toString(), path));
        assertEquals(
                parameters.values().stream().mapToLong(p -> p.own().size()).sum(),
                model(1, false).parameterCount());
    }

    @Test
    void stateGoesThroughSafetensorsWithTheSameBits(@TempDir Path folder) throws IOException {
        for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64, DType.BFLOAT16)) {
            TransformerLM from = model(1, false);
            from.convert(dtype);
            SequencedMap<String, View> views = new LinkedHashMap<>();
            from.state().forEach((path, tensor) -> views.put(path, tensor.view()));
            Path file = folder.resolve(dtype + ".safetensors");
            SafetensorsWriter.write(file, views, Map.of());
            TransformerLM to = model(2, false);
            to.convert(dtype);
            assertNotEquals(
                    from.parameters().firstEntry().getValue().own().toDoubleArray()[0],
                    to.parameters().firstEntry().getValue().own().toDoubleArray()[0]);
            try (SafetensorsFile read = SafetensorsFile.open(file)) {
                Map<String, Tensor> values = new LinkedHashMap<>();
                for (String name : read.names()) {
                    values.put(name, new Tensor(read.view(name), Device.cpu()));
                }
                to.load(values);
            }
            from.state()
                    .forEach((path, tensor) -> assertArrayEquals(
                            tensor.toDoubleArray(), to.state().get(path).toDoubleArray(), path));
        }
    }

    @Test
    void loadingIsAllOrNothing() {
        TransformerLM model = model(1, false);
        SequencedMap<String, float[]> before = bits(model);
        Map<String, Tensor> other = new LinkedHashMap<>(model(2, false).state());
        other.remove("lm_head.weight");
        other.put("head.weight", Tensor.zeros(7, 4));
        String names = assertThrows(IllegalArgumentException.class, () -> model.load(other))
                .getMessage();
        assertTrue(names.contains("missing [lm_head.weight]") && names.contains("unexpected [head.weight]"), names);
        other.remove("head.weight");
        other.put("lm_head.weight", Tensor.zeros(1, 4));
        String shapes = assertThrows(IllegalArgumentException.class, () -> model.load(other))
                .getMessage();
        assertTrue(shapes.contains("lm_head.weight") && shapes.contains("[7, 4]") && shapes.contains("[1, 4]"), shapes);
        assertSameBits(before, bits(model));
    }

    @Test
    void sharedParametersAreListedOnceAndTakeBothGradients() {
        final class Tied extends Layer {
            private final Parameter weight;

            Tied() {
                weight = parameter("first", Tensor.of(new float[] {2, 3}, 2));
                shared("second", weight);
            }

            @Override
            protected Tensor forward(Tensor x) {
                return x.mul(weight.value()).add(weight.value());
            }
        }
        Tied tied = new Tied();
        assertEquals(List.of("first"), List.copyOf(tied.parameters().keySet()));
        tied.apply(Tensor.of(new float[] {5, 7}, 2)).sum().backward();
        assertArrayEquals(new float[] {6, 8}, tied.weight.gradient().toFloatArray());
        assertFalse(model(1, true).state().containsKey("lm_head.weight"));
    }

    @Test
    void namesAreTakenOnce() {
        final class Twice extends Module {
            Twice() {
                parameter("weight", Tensor.zeros(1));
                buffer("weight", Tensor.zeros(1));
            }
        }
        String message =
                assertThrows(IllegalArgumentException.class, Twice::new).getMessage();
        assertTrue(message.contains("Twice") && message.contains("'weight'"), message);
    }

    @Test
    void buffersAreSavedAndOutliveScopes() {
        final class Buffered extends Module {
            Buffered() {
                parameter("weight", Tensor.of(new float[] {1, 2}, 2));
                buffer("seen", Tensor.of(new float[] {3, 4}, 2));
            }
        }
        Buffered module;
        try (var _ = Scope.open()) {
            module = new Buffered();
        }
        assertEquals(List.of("weight", "seen"), List.copyOf(module.state().keySet()));
        assertEquals(List.of("weight"), List.copyOf(module.parameters().keySet()));
        module.load(Map.of("weight", Tensor.of(new float[] {5, 6}, 2), "seen", Tensor.of(new float[] {7, 8}, 2)));
        assertArrayEquals(new float[] {7, 8}, module.state().get("seen").toFloatArray());
    }

    @Test
    void dropoutFollowsTheSwitchAndItsStream() {
        Dropout dropout = new Dropout(0.5, new RandomStream(3));
        Layer nested = new Sequential(new Sequential(dropout));
        Tensor x = Tensor.ones(1009);
        RandomStream stream = nested.streams().get("0.0.random");
        RandomStream.State place = stream.state();
        float[] first = nested.apply(x).toFloatArray();
        float[] second = nested.apply(x).toFloatArray();
        assertFalse(java.util.Arrays.equals(first, second));
        stream.restore(place);
        assertArrayEquals(first, nested.apply(x).toFloatArray());
        int kept = 0;
        for (float value : first) {
            assertTrue(value == 0 || value == 2);
            kept += value == 2 ? 1 : 0;
        }
        // Five deviations of a binomial of 1009 halves.
        assertEquals(504.5, kept, 5 * Math.sqrt(1009 * 0.25));
        nested.train(false);
        assertFalse(dropout.isTraining());
        RandomStream.State idle = stream.state();
        assertSame(x, nested.apply(x));
        assertEquals(idle, stream.state());
        nested.train(true);
        assertNotSame(x, nested.apply(x));
    }

    @Test
    void blocksDropWithStreamsOfTheirOwn() {
        Map<String, RandomStream> streams = model(1, true).streams();
        assertEquals(
                List.of("model.layers.0.dropout.random", "model.layers.1.dropout.random"),
                List.copyOf(streams.keySet()));
        assertEquals(
                2, streams.values().stream().map(RandomStream::key).distinct().count());
    }

    @Test
    void hooksReadAndReplace() {
        Linear layer = new Linear(3, 2, true, new RandomStream(5));
        Tensor x = Tensor.ones(1, 3);
        float[] plain = layer.apply(x).toFloatArray();
        Tensor[] seen = new Tensor[1];
        var reading = layer.onOutput(y -> seen[0] = y);
        var doubling = layer.onOutput(y -> y.mul(2));
        float[] hooked = layer.apply(x).toFloatArray();
        assertArrayEquals(plain, seen[0].toFloatArray());
        assertArrayEquals(new float[] {2 * plain[0], 2 * plain[1]}, hooked);
        doubling.close();
        reading.close();
        seen[0] = null;
        assertArrayEquals(plain, layer.apply(x).toFloatArray());
        assertNull(seen[0]);
    }

    @Test
    void functionalCallsNestAndLeaveTheModuleAlone() {
        Linear layer = new Linear(2, 1, true, new RandomStream(5));
        Parameter weight = layer.weight();
        Parameter bias = layer.parameters().get("bias");
        Tensor x = Tensor.of(new float[] {3, 5}, 1, 2);
        float[] own = layer.apply(x).toFloatArray();
        Tensor ones = Tensor.ones(1, 2).requiringGradient();
        Tensor seven = Tensor.full(7, Device.cpu(), DType.FLOAT32, 1);
        Tensor result = Parameter.substituting(Map.of(weight, ones), () -> {
            Parameter.substituting(Map.of(bias, seven), () -> {
                assertEquals(15, layer.apply(x).item());
                return null;
            });
            return Parameter.substituting(Map.of(bias, seven, weight, ones), () -> layer.apply(x));
        });
        result.sum().backward();
        assertArrayEquals(new float[] {3, 5}, ones.gradient().toFloatArray());
        assertNull(weight.gradient());
        assertArrayEquals(own, layer.apply(x).toFloatArray());
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> Parameter.substituting(Map.of(weight, seven), () -> layer.apply(x)))
                .getMessage();
        assertTrue(message.contains("[1, 2]") && message.contains("[1]"), message);
    }
}
