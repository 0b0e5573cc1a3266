package org.lehr.engine.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lehr.engine.io.FormatException;

final class MetricsLogTest {

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("metrics.jsonl");
    }

    @Test
    void writesOneObjectPerLine() throws IOException {
        SequencedMap<String, Object> values = new LinkedHashMap<>();
        values.put("loss", 2.5);
        values.put("learningRate", 1e-3f);
        values.put("tokens", 3_000_000_000L);
        values.put("note", "\"q\"\nand");
        values.put("best", true);
        try (MetricsLog log = MetricsLog.open(file)) {
            log.append(1, values);
            log.append(2, new LinkedHashMap<>());
            log.force();
        }
        assertEquals("""
            {"step":1,"loss":2.5,"learningRate":0.001,"tokens":3000000000,"note":"\\"q\\"\\nand","best":true}
            {"step":2}
            """, Files.readString(file));
        List<Metrics> read = MetricsLog.read(file);
        assertEquals(
                List.of("loss", "learningRate", "tokens", "note", "best"),
                List.copyOf(read.getFirst().values().keySet()));
        assertEquals(3_000_000_000.0, read.getFirst().number("tokens"));
        assertEquals("\"q\"\nand", read.getFirst().values().get("note"));
        assertEquals(2, read.getLast().step());
    }

    @Test
    void numbersThatAreNotFiniteAreNull() throws IOException {
        SequencedMap<String, Object> values = new LinkedHashMap<>();
        values.put("a", Double.NaN);
        values.put("b", Float.NEGATIVE_INFINITY);
        values.put("c", Map.of("d", Double.POSITIVE_INFINITY));
        try (MetricsLog log = MetricsLog.open(file)) {
            log.append(7, values);
        }
        assertEquals("{\"step\":7,\"a\":null,\"b\":null,\"c\":{\"d\":null}}\n", Files.readString(file));
        Metrics entry = MetricsLog.read(file).getFirst();
        assertTrue(entry.has("a"));
        assertTrue(Double.isNaN(entry.number("a")));
        assertFalse(entry.has("z"));
    }

    @Test
    void aTornLastLineIsIgnoredAndCutOff() throws IOException {
        for (String torn : List.of("{\"step\":3,\"lo", "{", "\0\0\0\0", "{\"step\":3}")) {
            Files.writeString(file, "{\"step\":1}\n{\"step\":2}\n" + torn);
            assertEquals(2, MetricsLog.read(file).size());
            try (MetricsLog log = MetricsLog.open(file)) {
                log.append(3, new LinkedHashMap<>(Map.of("loss", 1)));
            }
            assertEquals("{\"step\":1}\n{\"step\":2}\n{\"step\":3,\"loss\":1}\n", Files.readString(file));
        }
        Files.writeString(file, "{\"ste");
        assertEquals(List.of(), MetricsLog.read(file));
        MetricsLog.open(file).close();
        assertEquals(0, Files.size(file));
    }

    @Test
    void resumingDropsLaterEntries() throws IOException {
        try (MetricsLog log = MetricsLog.resume(file, 0)) {
            for (int step = 1; step <= 5; step++) {
                log.append(step, new LinkedHashMap<>(Map.of("loss", step * 0.1)));
                log.append(step, new LinkedHashMap<>(Map.of("validationLoss", step)));
            }
        }
        String before = Files.readString(file);
        Files.writeString(file, "{\"torn", StandardOpenOption.APPEND);
        MetricsLog.resume(file, 5).close();
        assertEquals(before, Files.readString(file));
        try (MetricsLog log = MetricsLog.resume(file, 3)) {
            log.append(4, new LinkedHashMap<>());
        }
        assertEquals(before.substring(0, before.indexOf("{\"step\":4")) + "{\"step\":4}\n", Files.readString(file));
    }

    @Test
    void refusesDamageInTheMiddle() throws IOException {
        for (String bad : List.of("{\"step\":", "[]", "{\"loss\":1}", "", "null", "{\"step\":1} x")) {
            Files.writeString(file, "{\"step\":1}\n" + bad + "\n{\"step\":2}\n");
            FormatException error = assertThrows(FormatException.class, () -> MetricsLog.read(file));
            assertTrue(error.getMessage().startsWith(file + ": line 2: expected "), error.getMessage());
        }
    }

    @Test
    void refusesAValueNamedStep() throws IOException {
        try (MetricsLog log = MetricsLog.open(file)) {
            assertThrows(IllegalArgumentException.class, () -> log.append(1, new LinkedHashMap<>(Map.of("step", 2))));
        }
        assertEquals(0, Files.size(file));
    }
}
