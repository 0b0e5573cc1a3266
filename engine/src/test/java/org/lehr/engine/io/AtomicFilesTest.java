package org.lehr.engine.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AtomicFilesTest {

    @TempDir
    private Path folder;

    @Test
    void replacesTheWholeFile() throws IOException {
        Path file = folder.resolve("a.txt");
        AtomicFiles.writeString(file, "a longer first text, Größe");
        assertEquals("a longer first text, Größe", Files.readString(file));
        AtomicFiles.writeString(file, "short");
        assertEquals("short", Files.readString(file));
        assertEquals(List.of("a.txt"), names());
    }

    @Test
    void aFullDiskLeavesTheOldFileAndNothingElse() throws IOException {
        Path file = folder.resolve("a.txt");
        AtomicFiles.writeString(file, "old");
        IOException error = assertThrows(
                IOException.class,
                () -> AtomicFiles.write(file, channel -> {
                    AtomicFiles.writeFully(channel, ByteBuffer.wrap(new byte[1000]));
                    throw new IOException("No space left on device");
                }));
        assertEquals(file + ": not written, the previous file is intact: No space left on device", error.getMessage());
        assertEquals("old", Files.readString(file));
        assertEquals(List.of("a.txt"), names());
    }

    @Test
    void anExceptionOfTheBodyPassesThrough() throws IOException {
        var thrown = new IllegalArgumentException("a shape");
        var caught = assertThrows(
                IllegalArgumentException.class,
                () -> AtomicFiles.write(folder.resolve("new"), channel -> {
                    throw thrown;
                }));
        assertSame(thrown, caught);
        assertEquals(List.of(), names());
    }

    @Test
    void anAbsentFolderIsNamed() {
        Path file = folder.resolve("absent").resolve("a.txt");
        IOException error = assertThrows(IOException.class, () -> AtomicFiles.writeString(file, "x"));
        assertTrue(
                error.getMessage().endsWith("the folder " + file.getParent() + " does not exist"), error.getMessage());
    }

    @Test
    void sweepsWhatKilledWritersLeft() throws IOException {
        Files.writeString(folder.resolve(".a.txt.4711-1.partial"), "half");
        Files.writeString(folder.resolve("b.txt"), "whole");
        Files.writeString(folder.resolve("mine.partial"), "not ours");
        assertEquals(1, AtomicFiles.sweep(folder));
        assertEquals(List.of("b.txt", "mine.partial"), names());
    }

    @Test
    void theOldFileStandsUntilTheNewOneIsComplete() throws IOException {
        Path file = folder.resolve("a.txt");
        AtomicFiles.writeString(file, "old");
        AtomicFiles.write(file, channel -> {
            AtomicFiles.writeFully(channel, ByteBuffer.wrap("new".getBytes()));
            assertEquals("old", Files.readString(file));
        });
        assertEquals("new", Files.readString(file));
        assertFalse(Files.isSymbolicLink(file));
    }

    private List<String> names() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
