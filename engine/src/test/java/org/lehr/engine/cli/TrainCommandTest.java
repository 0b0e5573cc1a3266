package org.lehr.engine.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lehr.engine.cli.Lehr.Result;
import org.lehr.engine.nn.moe.RoutingTraceFile;
import org.lehr.engine.train.LanguageModels;

/// Whole runs through the command line, on a text of a few kilobytes and a model of a few thousand parameters.
class TrainCommandTest {

    @TempDir
    private Path folder;

    private String text() throws IOException {
        Path file = folder.resolve("text.txt");
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            text.append("int value")
                    .append(i % 7)
                    .append(" = ")
                    .append(i * i % 11)
                    .append(";\n");
        }
        return Files.writeString(file, text).toString();
    }

    private List<String> tiny(String out, String... more) throws IOException {
        List<String> words = new ArrayList<>(List.of(
                "train",
                "--data",
                text(),
                "--layers",
                "1",
                "--width",
                "16",
                "--heads",
                "2",
                "--context",
                "16",
                "--batch",
                "4",
                "--validation-tokens",
                "256",
                "--validate-every",
                "4",
                "--dropout",
                "0.1",
                "--out",
                folder.resolve(out).toString()));
        words.addAll(List.of(more));
        return words;
    }

    private Result train(String out, String... more) throws IOException {
        return lehr(tiny(out, more).toArray(String[]::new));
    }

    @Test
    void aRunLeavesEverythingThatItPromises() throws IOException {
        Result result = train("run", "--steps", "8", "--json", "--checkpoint-every", "4", "--log-every", "2");
        assertEquals(0, result.code(), result.err());
        JsonNode numbers = JsonMapper.builder()
                .build()
                .readTree(result.out().lines().toList().getLast());
        for (String name : List.of(
                "steps", "trainLoss", "validationLoss", "bitsPerByte", "tokensPerSecond", "peakMemoryBytes", "run")) {
            assertTrue(numbers.has(name), name);
        }
        assertEquals(8, numbers.get("steps").asInt());
        // Separators are predicted too, so there are a few more tokens than bytes.
        assertEquals(
                1,
                numbers.get("validationLoss").asDouble()
                        / Math.log(2)
                        / numbers.get("bitsPerByte").asDouble(),
                0.01);
        Path run = folder.resolve("run");
        for (String file : List.of("config.json", "metrics.jsonl", "report.html", "samples.txt", "status.json")) {
            assertTrue(Files.size(run.resolve(file)) > 0, file);
        }
        JsonNode first = JsonMapper.builder()
                .build()
                .readTree(Files.readAllLines(run.resolve("metrics.jsonl")).getFirst());
        for (String name : List.of("step", "loss", "learningRate", "gradientNorm", "tokensPerSecond")) {
            assertTrue(first.has(name), name + " in " + first);
        }
        assertTrue(Files.exists(run.resolve("checkpoints/step-00000008/model.safetensors")));

        Result written = lehr("generate", run.toString(), "--tokens", "20", "--prompt", "int ");
        assertEquals(0, written.code(), written.err());
        assertTrue(written.out().startsWith("int "), written.out());
        Result evaluated = lehr("evaluate", run.toString(), "--tokens", "256", "--json");
        assertEquals(0, evaluated.code(), evaluated.err());
        assertEquals(
                numbers.get("validationLoss").asDouble(),
                JsonMapper.builder()
                        .build()
                        .readTree(evaluated.out())
                        .get("loss")
                        .asDouble(),
                1e-6);
        Result runs = lehr("runs", folder.toString());
        assertTrue(runs.out().contains("finished"), runs.out());
    }

    @Test
    void theSameSeedGivesTheSameBitsOnAnyNumberOfThreads() throws IOException {
        assertEquals(0, train("one", "--steps", "6", "--threads", "1").code());
        assertEquals(0, train("five", "--steps", "6", "--threads", "5").code());
        assertArrayEquals(model("one", 6), model("five", 6));
    }

    @Test
    void checkpointsAreTheSameWhetherTrainingWaitsForThem() throws IOException {
        String[] often = {"--steps", "6", "--checkpoint-every", "2", "--keep", "3"};
        assertEquals(0, train("beside", often).code());
        assertEquals(
                0,
                train(
                                "waiting",
                                Stream.concat(Stream.of(often), Stream.of("--checkpoint-buffer", "0"))
                                        .toArray(String[]::new))
                        .code());
        for (int step = 2; step <= 6; step += 2) {
            assertArrayEquals(model("waiting", step), model("beside", step));
        }
        refused(2, "--checkpoint-buffer", "train", "--checkpoint-buffer", "-1");
    }

    @Test
    void aRunThatWasKilledEndsWithTheSameBits() throws Exception {
        assertEquals(
                0, train("whole", "--steps", "3000", "--checkpoint-every", "0").code());
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(tiny("killed", "--steps", "3000", "--checkpoint-every", "3", "--threads", "1"));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("killed.log").toFile())
                .start();
        Path checkpoints = folder.resolve("killed/checkpoints");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (count(checkpoints) < 2 && System.nanoTime() < end && process.isAlive()) {
            Thread.sleep(20);
        }
        process.destroyForcibly().waitFor();
        assertTrue(count(checkpoints) >= 1, Files.readString(folder.resolve("killed.log")));
        assertFalse(Files.exists(checkpoints.resolve("step-00003000")), "the run ended before it was killed");

        Result resumed = lehr(
                "train", "--resume", folder.resolve("killed").toString(), "--threads", "2", "--validate-every", "4");
        assertEquals(0, resumed.code(), resumed.err());
        assertArrayEquals(model("whole", 3000), model("killed", 3000));
    }

    @Test
    void aMixtureOfExpertsTrainsResumesAndWrites() throws IOException {
        Result trained = train(
                "moe",
                "--arch",
                "moe",
                "--experts",
                "4",
                "--shared-experts",
                "1",
                "--router",
                "sigmoid",
                "--steps",
                "6",
                "--checkpoint-every",
                "3",
                "--record-routing");
        assertEquals(0, trained.code(), trained.err());
        var routing = RoutingTraceFile.read(folder.resolve("moe/routing-00000000.safetensors"));
        routing.choices().values().forEach(calls -> assertEquals(6, calls.size()));
        assertFalse(routing.choices().isEmpty());
        refused(2, "needs a model with routers", tiny("c", "--record-routing").toArray(String[]::new));
        byte[] end = model("moe", 6);
        Path last = folder.resolve("moe/checkpoints/step-00000006");
        try (var files = Files.list(last)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(last);
        Result resumed = lehr("train", "--resume", folder.resolve("moe").toString(), "--threads", "1");
        assertEquals(0, resumed.code(), resumed.err());
        assertArrayEquals(end, model("moe", 6));
        Result written = lehr("generate", folder.resolve("moe").toString(), "--tokens", "5", "--prompt", "int ");
        assertEquals(0, written.code(), written.err());
        refused(
                1,
                "router 'none'",
                tiny("b", "--arch", "moe", "--router", "none").toArray(String[]::new));
    }

    private static long count(Path checkpoints) throws IOException {
        if (!Files.isDirectory(checkpoints)) {
            return 0;
        }
        try (var entries = Files.list(checkpoints)) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith("step-"))
                    .count();
        }
    }

    private byte[] model(String run, int step) throws IOException {
        return Files.readAllBytes(
                folder.resolve(run).resolve("checkpoints/step-%08d/model.safetensors".formatted(step)));
    }

    @Test
    void divergenceNamesTheOperation() throws IOException {
        Result result =
                train("diverged", "--steps", "50", "--learning-rate", "1e30", "--optimizer", "sgd", "--clip", "1e30");
        assertEquals(1, result.code());
        assertTrue(
                result.err().lines().toList().getLast().matches("lehr: step \\d+: .*(produced|overflowed).*"),
                result.err());
        assertTrue(Files.readString(folder.resolve("diverged/status.json")).contains("failed"));
    }

    @Test
    void mistakesAreOneLineWithWhatToDo() throws IOException {
        refused(2, "--steps", "train", "--steps", "many");
        refused(2, "Unknown option", "train", "--stepz", "3");
        refused(
                1,
                "no such file or folder",
                "train",
                "--data",
                folder.resolve("absent").toString());
        refused(1, "architecture 'rnn'", tiny("a", "--arch", "rnn").toArray(String[]::new));
        refused(1, "precision 'int8'", tiny("b", "--precision", "int8").toArray(String[]::new));
        refused(1, "optimizer 'tiger'", tiny("c", "--optimizer", "tiger").toArray(String[]::new));
        refused(1, "heads", tiny("d", "--arch", "transformer", "--heads", "3").toArray(String[]::new));
        refused(1, "schedule", tiny("e", "--schedule", "zigzag").toArray(String[]::new));
        refused(
                1,
                "no run to resume",
                "train",
                "--resume",
                folder.resolve("none").toString());
        refused(2, "--resume", "train", "--resume", "x", "--steps", "3");
        refused(1, "no run at", "generate", folder.resolve("none").toString());
        refused(2, "a command is missing");
        for (String run : List.of("a", "b", "c", "d", "e")) {
            assertFalse(Files.exists(folder.resolve(run)), "a refused run left the folder " + run);
        }
        Result traced =
                lehr("--stacktrace", "train", "--data", folder.resolve("absent").toString());
        assertTrue(traced.err().contains("\tat "), traced.err());
    }

    private static void refused(int code, String message, String... arguments) {
        Result result = lehr(arguments);
        assertEquals(code, result.code(), result.err() + result.out());
        assertTrue(result.err().contains(message), result.err());
        assertFalse(result.err().contains("\tat "), result.err());
    }

    @Test
    void aDamagedCheckpointIsRefusedAndLeftAsItIs() throws IOException {
        assertEquals(0, train("damaged", "--steps", "4").code());
        Path file = folder.resolve("damaged/checkpoints/step-00000004/model.safetensors");
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(whole, whole.length / 2));
        Result resumed = lehr("train", "--resume", folder.resolve("damaged").toString());
        assertEquals(1, resumed.code());
        assertTrue(resumed.err().contains("model.safetensors"), resumed.err());
        assertEquals(whole.length / 2, Files.size(file));
    }

    @Test
    void helpIsEverywhere() {
        for (String command : List.of("train", "generate", "evaluate", "tokenizer", "runs", "info")) {
            Result result = lehr(command, "--help");
            assertEquals(0, result.code());
            assertTrue(result.out().contains("Usage: lehr " + command), result.out());
        }
        assertTrue(lehr("info").out().contains("cpu"));
    }

    @Test
    void otherPrecisionsTrainToo() throws IOException {
        for (String precision : List.of("bfloat16", "float64")) {
            Result result = train(precision, "--steps", "4", "--precision", precision);
            assertEquals(0, result.code(), result.err());
        }
    }

    @Test
    void everyArchitectureTrainsAndWrites() throws IOException {
        for (String arch : LanguageModels.ARCHITECTURES) {
            Result result = train(arch, "--steps", "4", "--arch", arch);
            assertEquals(0, result.code(), result.err());
            Result written = lehr("generate", folder.resolve(arch).toString(), "--tokens", "20", "--prompt", "int ");
            assertEquals(0, written.code(), written.err());
            assertTrue(written.out().startsWith("int "), written.out());
        }
    }
}
