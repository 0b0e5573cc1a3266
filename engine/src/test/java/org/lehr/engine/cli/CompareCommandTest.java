package org.lehr.engine.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lehr.engine.cli.Lehr.lehr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lehr.engine.cli.Lehr.Result;

/// Comparisons and memory tasks through the command line, at tiny sizes.
class CompareCommandTest {

    @TempDir
    private Path folder;

    private Result compare(String architectures, String... more) throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "int value = 3 * 4;\n".repeat(300));
        List<String> words = new ArrayList<>(List.of(
                "compare",
                "--arch",
                architectures,
                "--data",
                text.toString(),
                "--layers",
                "2",
                "--width",
                "48",
                "--heads",
                "2",
                "--context",
                "16",
                "--batch",
                "4",
                "--steps",
                "6",
                "--validation-tokens",
                "256",
                "--validate-every",
                "3",
                "--out",
                folder.resolve("compared").toString()));
        words.addAll(List.of(more));
        return lehr(words.toArray(String[]::new));
    }

    @Test
    void architecturesOfEqualSizeShareAPage() throws IOException {
        Result result = compare("transformer,mamba,s4d,hybrid,zamba", "--json");
        assertEquals(0, result.code(), result.err());
        List<String> lines = result.out().lines().toList();
        assertEquals(5, lines.size());
        long wanted = 0;
        for (String line : lines) {
            JsonNode row = JsonMapper.builder().build().readTree(line);
            long parameters = row.get("parameters").asLong();
            wanted = wanted == 0 ? parameters : wanted;
            assertEquals(wanted, parameters, 0.03 * wanted, line);
            assertTrue(row.get("bitsPerByte").asDouble() > 0, line);
            assertTrue(
                    row.get("tokensPerSecond").asDouble() > 0
                            && row.get("seconds").asDouble() > 0,
                    line);
            Path run =
                    folder.resolve("compared").resolve(row.get("architecture").asText());
            assertTrue(Files.exists(run.resolve("report.html")) && Files.exists(run.resolve("status.json")));
        }
        String page = Files.readString(folder.resolve("compared/report.html"));
        assertTrue(page.contains("384 tokens each"), page);
        for (String expected : List.of("over tokens", "over seconds", "<td>mamba</td>", "<td>zamba</td>")) {
            assertTrue(page.contains(expected), expected);
        }
        Result again = compare("mamba,s4d");
        assertEquals(1, again.code());
        assertFalse(again.err().isBlank());
    }

    @Test
    void mistakesAreNamed() throws IOException {
        assertTrue(compare("mamba,lstm").err().contains("'lstm'"));
        assertTrue(compare("mamba").err().contains("several different"));
        assertTrue(compare("mamba,mamba").err().contains("several different"));
        assertEquals(2, compare("mamba,").code());
        assertFalse(Files.exists(folder.resolve("compared")));
        assertTrue(lehr("task", "sorting").err().contains("'sorting'"));
        assertTrue(lehr("task", "copying", "--arch", "mamba,lstm").err().contains("'lstm'"));
        assertEquals(2, lehr("task", "copying", "--seeds", "0").code());
        Result result = lehr("task", "associative-recall", "--letters", "4", "--items", "8", "--steps", "1");
        assertEquals(1, result.code());
        assertTrue(result.err().contains("letters 4, pairs 8"), result.err());
        assertEquals(0, lehr("task", "--help").code());
        assertEquals(0, lehr("compare", "--help").code());
    }

    @Test
    void tasksEndInATable() {
        String[] words = {
            "task",
            "induction-heads",
            "--arch",
            "mamba,transformer",
            "--length",
            "8",
            "--letters",
            "3",
            "--steps",
            "3",
            "--width",
            "16",
            "--batch",
            "4",
            "--seeds",
            "2"
        };
        Result result = lehr(words);
        assertEquals(0, result.code(), result.err());
        List<String> lines = result.out().lines().toList();
        assertEquals(4, lines.size(), result.out());
        assertTrue(lines.get(1).contains("8 tokens") && lines.get(1).contains("32 tokens"), lines.get(1));
        assertTrue(lines.get(2).startsWith("mamba") && lines.get(2).endsWith("%"), lines.get(2));
        assertTrue(lines.get(3).startsWith("transformer"), lines.get(3));
    }
}
