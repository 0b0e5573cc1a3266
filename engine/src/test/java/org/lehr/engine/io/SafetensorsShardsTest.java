package org.lehr.engine.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SafetensorsShardsTest {

    private static final String GOOD = """
        {"metadata": {"total_size": 8, "format": "pt"},
         "weight_map": {"b": "model-2.safetensors", "a": "model-1.safetensors"}}\
        """;

    @TempDir
    private Path folder;

    private Path index;

    @BeforeEach
    void write() throws IOException {
        index = folder.resolve("model.safetensors.index.json");
        shard("model-1.safetensors", "a", 1);
        shard("model-2.safetensors", "b", 2);
        Files.writeString(index, GOOD);
    }

    private void shard(String file, String name, float value) throws IOException {
        SafetensorsWriter.write(
                folder.resolve(file),
                new LinkedHashMap<>(Map.of(name, SampleViews.floats(new long[] {1}, value))),
                Map.of());
    }

    @Test
    void readsAcrossFiles() throws IOException {
        for (Path path : List.of(index, folder)) {
            try (TensorSource source = TensorSource.open(path)) {
                assertEquals(List.of("b", "a"), List.copyOf(source.names()));
                assertArrayEquals(new double[] {1}, SampleViews.values(source.view("a")));
                assertArrayEquals(new double[] {2}, SampleViews.values(source.view("b")));
                assertEquals("a F32[1]", source.info("a").toString());
                assertEquals(Map.of("total_size", "8", "format", "pt"), source.metadata());
                assertThrows(IllegalArgumentException.class, () -> source.view("c"));
            }
        }
    }

    @Test
    void aFolderWithOneFileNeedsNoIndex() throws IOException {
        Files.delete(index);
        shard("model.safetensors", "w", 3);
        try (TensorSource source = TensorSource.open(folder)) {
            assertEquals(List.of("w"), List.copyOf(source.names()));
        }
    }

    @Test
    void refusesDamagedIndices() throws IOException {
        refused("weight_map: absent: expected an object", "{}");
        refused("array: expected a JSON object", "[]");
        refused("expected JSON", "{\"weight_map\": ");
        refused("Duplicate", "{\"weight_map\": {\"a\": \"model-1.safetensors\", \"a\": \"model-2.safetensors\"}}");
        refused("tensor \"a\": file 3: expected the name", map("3"));
        refused("expected the name of a .safetensors file in the folder", map("\"../model-1.safetensors\""));
        refused("expected the name of a .safetensors file in the folder", map("\"/etc/x.safetensors\""));
        refused("expected the name of a .safetensors file in the folder", map("\"C:\\\\x.safetensors\""));
        refused("expected the name of a .safetensors file in the folder", map("\"x\\u0000.safetensors\""));
        refused("expected the name of a .safetensors file in the folder", map("\"config.json\""));
        refused("file \"model-9.safetensors\": expected it to exist", map("\"model-9.safetensors\""));
        refused("tensor \"a\": expected \"model-2.safetensors\" to hold it", map("\"model-2.safetensors\""));
    }

    private static String map(String file) {
        return "{\"weight_map\": {\"a\": " + file + "}}";
    }

    private void refused(String expected, String content) throws IOException {
        Files.writeString(index, content);
        FormatException error = assertThrows(
                FormatException.class, () -> TensorSource.open(index).close());
        assertTrue(error.getMessage().startsWith(index + ": "), error.getMessage());
        assertTrue(error.getMessage().contains(expected), error.getMessage());
    }

    @Test
    void anUnknownKindOfFileIsRefused() {
        assertThrows(
                FormatException.class,
                () -> TensorSource.open(folder.resolve("model.bin")).close());
    }
}
