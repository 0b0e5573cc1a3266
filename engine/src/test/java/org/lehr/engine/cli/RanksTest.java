package org.lehr.engine.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.lehr.engine.cli.Lehr.lehr;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.lehr.engine.cli.Lehr.Result;

/// Runs that are spread over ranks.
@Timeout(180)
final class RanksTest {

    @TempDir
    private Path folder;

    private List<String> words(String out, String... more) throws IOException {
        Path text = folder.resolve("text.txt");
        if (!Files.exists(text)) {
            Files.writeString(text, "a rank that waits for others, and others that wait for it; ".repeat(80));
        }
        List<String> words = new ArrayList<>(List.of(
                "train --layers 1 --width 16 --heads 2 --context 16 --batch 4 --validation-tokens 256 --log-every 1"
                        .split(" ")));
        words.addAll(
                List.of("--data", text.toString(), "--out", folder.resolve(out).toString()));
        words.addAll(List.of(more));
        return words;
    }

    private void train(String out, String... more) throws IOException {
        Result result = lehr(words(out, more).toArray(String[]::new));
        assertEquals(0, result.code(), result.err());
    }

    private List<Double> losses(String out) throws IOException {
        List<Double> losses = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve(out).resolve("metrics.jsonl"))) {
            losses.add(JsonMapper.builder().build().readTree(line).get("loss").asDouble());
        }
        return losses;
    }

    private static void assertClose(List<Double> expected, List<Double> found) {
        assertEquals(expected.size(), found.size());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i), found.get(i), 1e-4 * expected.get(i));
        }
    }

    @Test
    void anyNumberOfRanksTrainsAsOneDoes() throws IOException {
        train("one", "--steps", "6", "--arch", "transformer");
        train("two", "--steps", "6", "--arch", "transformer", "--ranks", "2");
        train("four", "--steps", "6", "--arch", "transformer", "--ranks", "4", "--threads", "1");
        assertClose(losses("one"), losses("two"));
        assertClose(losses("one"), losses("four"));
        train("again", "--steps", "6", "--arch", "transformer", "--ranks", "4", "--threads", "2");
        assertEquals(losses("four"), losses("again"));
    }

    @Test
    void expertsThatARankDoesNotUseAndDropoutAreFine() throws IOException {
        train("moe", "--steps", "5", "--arch", "moe", "--ranks", "4", "--dropout", "0.2");
        train("again", "--steps", "5", "--arch", "moe", "--ranks", "4", "--dropout", "0.2", "--threads", "1");
        assertEquals(losses("moe"), losses("again"));
        assertEquals(5, losses("moe").size());
    }

    @Test
    void aRunGoesOnWithOtherRanks() throws IOException {
        train("whole", "--steps", "8", "--arch", "transformer");
        train("split", "--steps", "8", "--arch", "transformer", "--ranks", "4", "--checkpoint-every", "4");
        Path split = folder.resolve("split");
        try (var files = Files.walk(split.resolve("checkpoints/step-00000008"))) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
        Result result = lehr("train", "--resume", split.toString(), "--ranks", "2", "--log-every", "1");
        assertEquals(0, result.code(), result.err());
        assertClose(losses("whole"), losses("split"));
    }

    @Test
    void whatRanksDidIsDrawn() throws IOException {
        train("drawn", "--steps", "4", "--arch", "transformer", "--ranks", "2");
        String run = folder.resolve("drawn").toString();
        Result drawn = lehr("runs", run, "--ranks");
        assertEquals(0, drawn.code(), drawn.err());
        assertTrue(drawn.out().contains("iterations 1 to 4"), drawn.out());
        assertTrue(drawn.out().contains("rank 1"), drawn.out());
        List<String> lines = Files.readAllLines(folder.resolve("drawn/ranks/rank-1.jsonl"));
        assertTrue(lines.getLast().contains("\"operation\":\"all-reduce\""), lines.getLast());
        train("alone", "--steps", "2", "--arch", "transformer");
        Result alone = lehr("runs", folder.resolve("alone").toString(), "--ranks");
        assertTrue(alone.code() != 0 && alone.err().contains("no notes of ranks"), alone.err());
    }

    @Test
    void whatRanksCannotDoIsRefused() throws IOException {
        assertRefused("no equal shares for 3 ranks", "--ranks", "3");
        assertRefused("--ranks must be at least 1", "--ranks", "0");
        assertRefused("local or mpi", "--communicator", "carrier-pigeon");
        assertRefused("leave out --ranks", "--communicator", "mpi", "--ranks", "2");
        assertRefused("ranks share gradients", "--ranks", "2", "--optimizer", "sam+adam");
    }

    private void assertRefused(String why, String... options) throws IOException {
        Result result = lehr(words("refused", options).toArray(String[]::new));
        assertTrue(result.code() != 0 && result.err().contains(why), result.err());
    }

    @Test
    void processesHaveTheLossesOfThreads() throws IOException, InterruptedException {
        boolean found = List.of(System.getenv("PATH").split(File.pathSeparator)).stream()
                .anyMatch(place -> Files.isExecutable(Path.of(place, "mpirun")));
        if (!found) {
            System.out.println("skipped: a test of RanksTest needs mpirun (Debian: openmpi-bin)");
        }
        assumeTrue(found, "needs mpirun");
        String[] form = {"--steps", "4", "--arch", "transformer", "--dropout", "0.1"};
        List<String> command = new ArrayList<>(List.of(
                "mpirun",
                "--oversubscribe",
                "--allow-run-as-root",
                "-np",
                "2",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(words("mpi", form));
        command.addAll(List.of("--communicator", "mpi", "--threads", "1"));
        Path output = folder.resolve("output.txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(150, TimeUnit.SECONDS)) {
            process.destroy();
        }
        assertEquals(0, process.waitFor(), () -> {
            try {
                return Files.readString(output);
            } catch (IOException e) {
                return e.toString();
            }
        });
        List<String> local = new ArrayList<>(List.of(form));
        local.addAll(List.of("--ranks", "2"));
        train("local", local.toArray(String[]::new));
        assertEquals(losses("local"), losses("mpi"));
    }
}
