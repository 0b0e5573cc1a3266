package org.lehr.engine.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunFolderTest {

    @TempDir
    private Path runs;

    private static SequencedMap<String, Object> config() {
        SequencedMap<String, Object> config = new LinkedHashMap<>();
        config.put("seed", 7);
        config.put("arch", "transformer");
        config.put("widths", List.of(1, 2));
        config.put("schedule", Map.of("peak", 1e-3));
        config.put("data", Path.of("src"));
        return config;
    }

    @Test
    void makesTheFolderAndReadsItBack() throws IOException {
        Path folder = runs.resolve("deep").resolve("a");
        try (RunFolder run = RunFolder.create(folder, config())) {
            assertEquals("a", run.name());
            assertEquals(RunStatus.State.RUNNING, run.status().state());
            assertTrue(Files.isDirectory(folder.resolve("checkpoints")));
            assertTrue(RunFolder.isHeld(folder));
        }
        assertFalse(RunFolder.isHeld(folder));
        try (RunFolder run = RunFolder.resume(folder)) {
            assertEquals(
                    List.of("seed", "arch", "widths", "schedule", "data"),
                    List.copyOf(run.config().keySet()));
            assertEquals(7, run.config().get("seed"));
            assertEquals(Map.of("peak", 1e-3), run.config().get("schedule"));
            assertEquals("src", run.config().get("data"));
        }
    }

    @Test
    void refusesToOverwriteARun() throws IOException {
        Path folder = runs.resolve("a");
        RunFolder.create(folder, config()).close();
        var error =
                assertThrows(FileAlreadyExistsException.class, () -> RunFolder.create(folder, new LinkedHashMap<>()));
        assertEquals(
                folder + ": a run stands here already: go on with it by --resume " + folder
                        + ", or choose another folder by --out",
                error.getMessage());
        try (RunFolder run = RunFolder.resume(folder)) {
            assertEquals(7, run.config().get("seed"));
        }
    }

    @Test
    void refusesAFolderWithOtherThings() throws IOException {
        Files.writeString(runs.resolve("thesis.tex"), "x");
        assertThrows(FileAlreadyExistsException.class, () -> RunFolder.create(runs, config()));
        assertEquals(List.of("thesis.tex"), List.of(runs.toFile().list()));
    }

    @Test
    void refusesToResumeNothing() {
        var error = assertThrows(NoSuchFileException.class, () -> RunFolder.resume(runs));
        assertTrue(error.getMessage().endsWith("no run to resume here: expected a folder with config.json"));
    }

    @Test
    void findsTheNextFreeName() throws IOException {
        for (String expected : List.of("train-1", "train-2", "train-3")) {
            try (RunFolder run = RunFolder.createNext(runs.resolve("new"), "train", config())) {
                assertEquals(expected, run.name());
            }
        }
    }

    @Test
    void oneWriterAtATime() throws IOException {
        Path folder = runs.resolve("a");
        try (RunFolder run = RunFolder.create(folder, config())) {
            var error = assertThrows(IOException.class, () -> RunFolder.resume(folder));
            assertEquals(folder + ": this process is already writing this run", error.getMessage());
            assertTrue(RunFolder.isHeld(run.path()));
        }
        RunFolder.resume(folder).close();
    }

    @Test
    void rewindingDropsWhatCameLater() throws IOException {
        Path folder = runs.resolve("a");
        try (RunFolder run = RunFolder.create(folder, config())) {
            try (MetricsLog log = MetricsLog.open(run.metricsFile())) {
                for (int step = 1; step <= 4; step++) {
                    log.append(step, new LinkedHashMap<>());
                    run.samples().append(step, "text " + step + "\n=== step 9 ===\n");
                }
            }
        }
        Files.writeString(folder.resolve(".status.json.99-1.partial"), "half");
        try (RunFolder run = RunFolder.resume(folder)) {
            assertFalse(Files.exists(folder.resolve(".status.json.99-1.partial")));
            run.rewind(2);
            assertEquals(2, MetricsLog.read(run.metricsFile()).size());
            assertEquals(
                    List.of(
                            new SampleLog.Sample(1, "text 1\n === step 9 ==="),
                            new SampleLog.Sample(2, "text 2\n === step 9 ===")),
                    run.samples().read());
        }
    }

    @Test
    void statusComesBack() throws IOException {
        try (RunFolder run = RunFolder.create(runs.resolve("a"), config())) {
            SequencedMap<String, Object> results = new LinkedHashMap<>();
            results.put("bitsPerByte", 1.75);
            results.put("steps", 12);
            run.status(RunStatus.finished(12, results));
            assertEquals(RunStatus.finished(12, results), run.status());
            run.status(new RunStatus(RunStatus.State.FAILED, 3, "loss is NaN", new LinkedHashMap<>()));
            assertEquals("loss is NaN", run.status().message());
        }
    }
}
