package org.lehr.engine.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lehr.engine.io.TensorSource;
import org.lehr.engine.nn.transformer.TransformerConfig;
import org.lehr.engine.nn.transformer.TransformerLM;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Files as others write them: sharded, in half precision, under other names, with matrices the other way around.
final class WeightsTest {

    @TempDir
    private Path folder;

    private static TransformerLM model(long seed) {
        return new TransformerLM(TransformerConfig.of(11, 8, 2, 12, 2), new RandomStream(seed));
    }

    /// Writes tensors in `F16` or `BF16` under names with a prefix, maps of layers transposed when asked for.
    private void shard(String file, String type, Map<String, Tensor> tensors, boolean transposed) throws IOException {
        List<String> header = new ArrayList<>();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (var entry : tensors.entrySet()) {
            boolean turned = transposed && entry.getKey().endsWith("_proj.weight");
            Tensor tensor = turned ? entry.getValue().transpose(0, 1) : entry.getValue();
            int begin = data.size();
            for (float value : tensor.toFloatArray()) {
                short bits = type.equals("F16")
                        ? Float.floatToFloat16(value)
                        : (short) (Float.floatToRawIntBits(value) >>> 16);
                data.write(bits);
                data.write(bits >> 8);
            }
            header.add("\"transformer.%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                    .formatted(entry.getKey(), type, tensor.shape(), begin, data.size()));
        }
        byte[] json = ("{" + String.join(",", header) + "}").getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data.size()).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json).put(data.toByteArray());
        Files.write(folder.resolve(file), bytes.array());
    }

    private Path sharded(TransformerLM model, boolean transposed) throws IOException {
        Map<String, Tensor> first = new LinkedHashMap<>();
        Map<String, Tensor> second = new LinkedHashMap<>();
        List<String> index = new ArrayList<>();
        model.state().forEach((path, tensor) -> {
            boolean late = path.startsWith("model.layers.1");
            (late ? second : first).put(path, tensor);
            index.add("\"transformer.%s\":\"%s.safetensors\"".formatted(path, late ? "b" : "a"));
        });
        shard("a.safetensors", "BF16", first, transposed);
        shard("b.safetensors", "F16", second, transposed);
        Files.writeString(
                folder.resolve("model.safetensors.index.json"), "{\"weight_map\":{" + String.join(",", index) + "}}");
        return folder;
    }

    private static float[] values(TransformerLM model, String path) {
        return model.state().get(path).toFloatArray();
    }

    @Test
    void shardsInHalfPrecisionLoadUnderOtherNames() throws IOException {
        TransformerLM written = model(1);
        TransformerLM read = model(2);
        WeightNames names = WeightNames.same().prefix("transformer.", "").transposing("_proj\\.weight$");
        try (TensorSource source = TensorSource.open(sharded(written, true))) {
            LoadReport report = Weights.load(read, source, names).requireComplete();
            assertEquals(written.state().size(), report.loaded().size());
        }
        for (String path : written.state().keySet()) {
            float[] expected = values(written, path);
            for (int i = 0; i < expected.length; i++) {
                expected[i] = path.startsWith("model.layers.1")
                        ? Float.float16ToFloat(Float.floatToFloat16(expected[i]))
                        : Float.intBitsToFloat(Float.floatToRawIntBits(expected[i]) & 0xFFFF0000);
            }
            assertArrayEquals(expected, values(read, path), path);
        }
    }

    @Test
    void whatDoesNotFitIsReportedAndLeftAlone() throws IOException {
        TransformerLM larger = new TransformerLM(TransformerConfig.of(13, 8, 3, 12, 2), new RandomStream(3));
        float[] embedding = values(larger, "model.embed_tokens.weight");
        float[] third = values(larger, "model.layers.2.mlp.up_proj.weight");
        WeightNames names = WeightNames.same()
                .renaming("transformer\\.(model)\\.", "$1.")
                .renaming("input_layernorm", "odd")
                .skipping("layers\\.1\\.self_attn");
        try (TensorSource source = TensorSource.open(sharded(model(1), false))) {
            LoadReport report = Weights.load(larger, source, names);
            assertFalse(report.isComplete());
            assertTrue(report.missing()
                    .containsAll(List.of(
                            "model.embed_tokens.weight",
                            "model.layers.0.input_layernorm.weight",
                            "model.layers.1.self_attn.q_proj.weight",
                            "model.layers.2.mlp.up_proj.weight")));
            assertEquals(
                    List.of(
                            "transformer.lm_head.weight",
                            "transformer.model.layers.0.input_layernorm.weight",
                            "transformer.model.layers.1.input_layernorm.weight"),
                    report.unexpected().stream().sorted().toList());
            assertEquals(
                    "[model.embed_tokens.weight has shape [13, 12], the file [11, 12]]",
                    report.misshaped().toString());
            String message = assertThrows(IllegalArgumentException.class, report::requireComplete)
                    .getMessage();
            assertTrue(message.contains("unexpected [") && message.contains("[11, 12]"), message);
        }
        assertArrayEquals(embedding, values(larger, "model.embed_tokens.weight"));
        assertArrayEquals(third, values(larger, "model.layers.2.mlp.up_proj.weight"));
    }

    @Test
    void twoTensorsForOnePlaceAreRefused() throws IOException {
        WeightNames names = WeightNames.same().renaming("layers\\.\\d", "layers.0");
        try (TensorSource source = TensorSource.open(sharded(model(1), false))) {
            String message = assertThrows(IllegalArgumentException.class, () -> Weights.load(model(2), source, names))
                    .getMessage();
            assertTrue(message.contains("layers.0") && message.contains("layers.1"), message);
        }
    }
}
