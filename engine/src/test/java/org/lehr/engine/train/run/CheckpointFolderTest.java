package org.lehr.engine.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointFolderTest {

    @TempDir
    private Path folder;

    private CheckpointFolder checkpoints;

    @BeforeEach
    void open() throws IOException {
        checkpoints = CheckpointFolder.open(folder.resolve("checkpoints"));
    }

    private void save(long step, String text) throws IOException {
        checkpoints.save(step, at -> {
            Files.writeString(at.resolve("model"), text);
            Files.writeString(Files.createDirectory(at.resolve("more")).resolve("state"), text);
        });
    }

    private List<Long> steps() throws IOException {
        return checkpoints.list().stream()
                .map(CheckpointFolder.Checkpoint::step)
                .toList();
    }

    private List<String> names() {
        String[] names = checkpoints.path().toFile().list();
        Arrays.sort(names);
        return List.of(names);
    }

    @Test
    void listsByStep() throws IOException {
        assertTrue(checkpoints.latest().isEmpty());
        for (long step : new long[] {1000, 20, 123_456_789_012L, 0}) {
            save(step, "s" + step);
        }
        assertEquals(List.of(0L, 20L, 1000L, 123_456_789_012L), steps());
        assertEquals(
                "s123456789012",
                Files.readString(checkpoints.latest().orElseThrow().path().resolve("model")));
        assertEquals("step-00000000", names().getFirst());
    }

    @Test
    void replacesTheSameStep() throws IOException {
        save(5, "old");
        save(5, "new");
        assertEquals(List.of("step-00000005"), names());
        assertEquals("new", Files.readString(checkpoints.path().resolve("step-00000005/more/state")));
    }

    @Test
    void aFailureLeavesEarlierOnesIntact() throws IOException {
        save(5, "old");
        for (long step : new long[] {5, 6}) {
            assertThrows(
                    IOException.class,
                    () -> checkpoints.save(step, at -> {
                        Files.writeString(at.resolve("model"), "half");
                        throw new IOException("No space left on device");
                    }));
        }
        assertEquals(List.of("step-00000005"), names());
        assertEquals("old", Files.readString(checkpoints.path().resolve("step-00000005/model")));
    }

    @Test
    void keepsTheNewestAndTheBest() throws IOException {
        for (long step = 1; step <= 6; step++) {
            save(step, "x");
        }
        checkpoints.prune(2, OptionalLong.of(3));
        assertEquals(List.of(3L, 5L, 6L), steps());
        checkpoints.prune(2, OptionalLong.of(6));
        assertEquals(List.of(5L, 6L), steps());
        checkpoints.prune(1, OptionalLong.empty());
        assertEquals(List.of("step-00000006"), names());
        assertThrows(IllegalArgumentException.class, () -> checkpoints.prune(0, OptionalLong.empty()));
    }

    @Test
    void recoversFromAKillAtEachMoment() throws IOException {
        save(5, "old");
        Path at = checkpoints.path();
        Files.createDirectory(at.resolve(".step-00000006.partial"));
        Files.writeString(at.resolve(".step-00000006.partial/model"), "half");
        Files.move(at.resolve("step-00000005"), at.resolve(".step-00000005.replaced"));
        Files.createDirectory(at.resolve(".step-00000004.deleted"));
        CheckpointFolder.open(at);
        assertEquals(List.of("step-00000005"), names());
        assertEquals("old", Files.readString(at.resolve("step-00000005/model")));
        Files.createDirectory(at.resolve(".step-00000005.replaced"));
        CheckpointFolder.open(at);
        assertEquals(List.of("step-00000005"), names());
    }
}
