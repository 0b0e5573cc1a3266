package org.lehr.engine.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lehr.engine.cli.Lehr.lehr;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lehr.engine.cli.Lehr.Result;

/// Runs whose tokens are not bytes, and what `generate` and `tokenizer` do.
class TokenizedRunTest {

    @TempDir
    private Path folder;

    @BeforeEach
    void writeText() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            text.append("int välue")
                    .append(i % 7)
                    .append(" = ")
                    .append(i * i % 11)
                    .append(";\n");
        }
        Files.writeString(folder.resolve("text.txt"), text);
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    private Result train(String run, String... more) {
        List<String> words = new ArrayList<>(List.of("train", "--data", path("text.txt"), "--layers", "1"));
        words.addAll(
                List.of("--arch", "transformer", "--width", "16", "--heads", "2", "--context", "16", "--batch", "4"));
        words.addAll(List.of("--validation-tokens", "64", "--validate-every", "4", "--out", path(run)));
        words.addAll(List.of(more));
        return lehr(words.toArray(String[]::new));
    }

    private byte[] model(String run, int step) throws IOException {
        return Files.readAllBytes(folder.resolve(run + "/checkpoints/step-%08d/model.safetensors".formatted(step)));
    }

    @Test
    void aRunKeepsItsTokenizer() throws IOException {
        Result trained = train("bpe", "--tokenizer", "bpe:300", "--steps", "6", "--checkpoint-every", "3");
        assertEquals(0, trained.code(), trained.err());
        assertTrue(trained.out().contains("bits per byte"), trained.out());
        Path tokenizer = folder.resolve("bpe/tokenizer.json");
        assertTrue(Files.size(tokenizer) > 0);

        Result evaluated = lehr("evaluate", path("bpe"), "--tokens", "64");
        assertEquals(0, evaluated.code(), evaluated.err());
        Result written = lehr("generate", path("bpe"), "--prompt", "int vä", "--tokens", "9", "--top-k", "5");
        assertEquals(0, written.code(), written.err());
        assertTrue(written.out().startsWith("int vä"), written.out());

        // The same tokenizer from its file gives the same run, and the file is not needed to go on with it.
        Path file = Files.copy(tokenizer, folder.resolve("mine.json"));
        Result again = train("file", "--tokenizer", file.toString(), "--steps", "6", "--checkpoint-every", "3");
        assertEquals(0, again.code(), again.err());
        assertArrayEquals(model("bpe", 6), model("file", 6));
        Files.delete(file);
        deleteTree(folder.resolve("file/checkpoints/step-00000006"));
        Result resumed = lehr("train", "--resume", path("file"), "--validate-every", "4");
        assertEquals(0, resumed.code(), resumed.err());
        assertArrayEquals(model("bpe", 6), model("file", 6));

        Files.writeString(tokenizer, Files.readString(tokenizer).substring(0, 1000));
        refused("tokenizer.json", "generate", path("bpe"));
        Files.delete(tokenizer);
        refused("no such tokenizer file", "evaluate", path("bpe"));
    }

    private static void deleteTree(Path tree) throws IOException {
        try (var files = Files.list(tree)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(tree);
    }

    @Test
    void charactersAreTokensToo() {
        Result trained = train("char", "--tokenizer", "char", "--steps", "4");
        assertEquals(0, trained.code(), trained.err());
        Result written = lehr("generate", path("char"), "--prompt", "ä中", "--tokens", "5");
        assertTrue(written.out().startsWith("ä中"), written.out() + written.err());
    }

    @Test
    void generationDoesWhatItIsAskedTo() {
        assertEquals(0, train("run", "--steps", "40").code());
        String[] prompts = {"int ", "x", "int välue3 = 4;\nint v"};
        List<String> alone = new ArrayList<>();
        for (String prompt : prompts) {
            Result one = lehr("generate", path("run"), "--prompt", prompt, "--tokens", "30", "--seed", "3");
            assertEquals(0, one.code(), one.err());
            alone.add(one.out());
        }
        Result together = lehr(
                "generate",
                path("run"),
                "--tokens",
                "30",
                "--seed",
                "3",
                "--prompt",
                prompts[0],
                "--prompt",
                prompts[1],
                "--prompt",
                prompts[2]);
        assertEquals(
                "--- 1 ---\n%s--- 2 ---\n%s--- 3 ---\n%s".formatted(alone.toArray()), together.out(), together.err());

        Result greedy = lehr("generate", path("run"), "--prompt", "int ", "--tokens", "30", "--temperature", "0");
        Result beam = lehr("generate", path("run"), "--prompt", "int ", "--tokens", "30", "--beams", "1");
        assertEquals(greedy.out(), beam.out(), beam.err());
        String text = greedy.out().substring(4);
        String stop = text.substring(2, 4);
        Result stopped = lehr(
                "generate", path("run"), "--prompt", "int ", "--tokens", "30", "--temperature", "0", "--stop", stop);
        assertEquals(
                "int " + text.substring(0, text.indexOf(stop)), stopped.out().stripTrailing());
        for (String option : List.of(
                "--top-k=3",
                "--top-p=0.5",
                "--min-p=0.5",
                "--repetition-penalty=1.5",
                "--presence-penalty=5",
                "--frequency-penalty=5",
                "--no-repeat-ngram=2",
                "--beams=3")) {
            Result other =
                    lehr("generate", path("run"), "--prompt", "int ", "--tokens", "60", "--temperature", "1.5", option);
            Result plain = lehr("generate", path("run"), "--prompt", "int ", "--tokens", "60", "--temperature", "1.5");
            assertEquals(0, other.code(), other.err());
            assertFalse(other.out().equals(plain.out()), option + " changes nothing");
        }
    }

    @Test
    void tokenizersCanBeMadeAndTried() throws IOException {
        Result trained =
                lehr("tokenizer", "train", "--data", path("text.txt"), "--vocabulary", "265", "--out", path("t.json"));
        assertEquals(0, trained.code(), trained.err());
        assertTrue(trained.out().contains("t.json: 265 tokens, "), trained.out());
        Result encoded = lehr("tokenizer", "encode", path("t.json"), "int välue3\n<|endoftext|>");
        assertTrue(encoded.out().strip().matches("\\d+( \\d+)* 256"), encoded.out());
        List<String> decode = new ArrayList<>(List.of("tokenizer", "decode", path("t.json")));
        decode.addAll(List.of(encoded.out().strip().split(" ")));
        assertEquals(
                "int välue3\n<|endoftext|>",
                lehr(decode.toArray(String[]::new)).out().stripTrailing());
        Result spelled = lehr("tokenizer", "encode", path("t.json"), "é", "--spell");
        assertEquals("195:Ã 169:©", spelled.out().strip());
        Result characters =
                lehr("tokenizer", "train", "--data", path("text.txt"), "--characters", "--out", path("c.json"));
        assertEquals(0, characters.code(), characters.err());
        assertTrue(Files.readString(folder.resolve("c.json")).contains("byte_fallback"));
    }

    @Test
    void mistakesAreOneLine() throws IOException {
        Files.writeString(folder.resolve("odd.json"), "{\"model\":{\"type\":\"WordPiece\"}}");
        refused("unknown model 'WordPiece'", "tokenizer", "encode", path("odd.json"), "x");
        refused("no such tokenizer file", "tokenizer", "decode", path("none.json"), "1");
        refused("at least 257", "tokenizer", "train", "--data", path("text.txt"), "--vocabulary", "5");
        refused("no such file", "tokenizer", "train", "--data", path("none"));
        assertEquals(
                0,
                lehr("tokenizer", "train", "--data", path("text.txt"), "--out", path("t.json"))
                        .code());
        refused("token 99999: expected 0 to", "tokenizer", "decode", path("t.json"), "99999");
        for (String name : List.of("bpe:12", "bpe:x", "bpe:")) {
            Result result = train("refused", "--tokenizer", name);
            assertEquals(1, result.code());
            assertTrue(result.err().contains("bpe:N with N of at least 257"), result.err());
        }
        Result absent = train("refused", "--tokenizer", path("none.json"));
        assertTrue(absent.err().contains("no such tokenizer file"), absent.err());
        assertFalse(Files.exists(folder.resolve("refused")));
        assertEquals(0, train("run", "--steps", "2").code());
        refused("top-p in (0, 1]", "generate", path("run"), "--top-p", "0");
        refused("at least one beam", "generate", path("run"), "--beams", "-1");
        refused("repetition penalty", "generate", path("run"), "--repetition-penalty", "0");
        refused("count of at least 0", "generate", path("run"), "--tokens", "-1");
        refused("must not be empty", "generate", path("run"), "--stop", "");
    }

    private static void refused(String message, String... arguments) {
        Result result = lehr(arguments);
        assertEquals(1, result.code(), result.err() + result.out());
        assertTrue(result.err().contains(message), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
    }
}
