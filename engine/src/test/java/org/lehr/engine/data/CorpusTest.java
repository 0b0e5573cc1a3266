package org.lehr.engine.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {
    @TempDir
    private Path folder;

    private static List<String> names(List<Document> documents) {
        return documents.stream().map(Document::name).toList();
    }

    private static String failure(Corpus corpus) {
        return assertThrows(DataException.class, corpus::documents).getMessage();
    }

    private void write(String name, byte... bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }

    private Path archive(String... names) throws IOException {
        Path path = folder.resolve("a.zip");
        try (OutputStream out = Files.newOutputStream(path);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (String name : names) {
                zip.putNextEntry(new ZipEntry(name));
                if (!name.endsWith("/")) {
                    zip.write(name.getBytes());
                }
                zip.closeEntry();
            }
        }
        return path;
    }

    @Test
    void aFolderGivesItsTextFilesInTheOrderOfTheirNames() throws IOException {
        write("b.txt", (byte) 'b');
        write("a/z.txt", (byte) 0xFF, (byte) 'z');
        write("a/empty.txt");
        write("c.bin", (byte) 'c', (byte) 0);
        write(".git/config", (byte) 'g');
        write(".hidden", (byte) 'h');
        write("B.md", (byte) 'm');
        assertEquals(
                List.of("B.md", "a/z.txt", "b.txt"), names(Corpus.at(folder).documents()));
        assertEquals(List.of("a/z.txt", "b.txt"), names(new TextFolder(folder, Set.of("txt"), 100).documents()));
        assertArrayEquals(
                new byte[] {(byte) 0xFF, 'z'},
                Corpus.at(folder).documents().get(1).bytes());
    }

    @Test
    void aLimitChoosesWholeFilesTheSameEachTime() throws IOException {
        for (int i = 0; i < 100; i++) {
            write("f" + i + ".txt", new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
        }
        List<String> names = names(new TextFolder(folder, Set.of(), 255).documents());
        assertEquals(25, names.size());
        assertEquals(names.stream().sorted().toList(), names);
        assertEquals(names, names(new TextFolder(folder, Set.of(), 255).documents()));
        assertTrue(names(new TextFolder(folder, Set.of(), 505).documents()).containsAll(names));
        assertThrows(IllegalArgumentException.class, () -> new TextFolder(folder, Set.of(), 0));
    }

    @Test
    void anArchiveGivesItsEntriesInTheOrderOfTheirNames() throws IOException {
        Path zip = archive("m/", "m/b.java", "m/a.java", "n/c.java", "m/d.txt");
        assertEquals(
                List.of("m/a.java", "m/b.java"), names(new TextArchive(zip, "m/", Set.of("java"), 1000).documents()));
        assertEquals(4, Corpus.at(zip).documents().size());
        assertEquals(
                "m/a.java", new String(Corpus.at(zip).documents().getFirst().bytes()));
    }

    @Test
    void theSourcesOfAJdkAreItsArchive() throws IOException {
        Path zip = archive("java.base/java/lang/Object.java", "java.base/x.txt", "java.xml/org/X.java");
        assertEquals(
                List.of("java.base/java/lang/Object.java"), names(new JdkSources(zip, "java.base/", 1000).documents()));
        assertEquals(2, new JdkSources(zip, "", 1000).documents().size());
    }

    @Test
    void theRunningJdkHasManySources() {
        JdkSources corpus = JdkSources.ofRunningJdk();
        assumeTrue(Files.exists(corpus.archive()), "this JDK comes without its sources: " + corpus.archive());
        List<Document> documents = new JdkSources(corpus.archive(), "java.base/java/", 1 << 20).documents();
        assertTrue(documents.size() > 10);
        assertTrue(documents.stream().allMatch(document -> document.name().endsWith(".java")));
        assertTrue(
                documents.stream().mapToInt(document -> document.bytes().length).sum() <= 1 << 20);
    }

    @Test
    void aFileIsOneDocument() throws IOException {
        write("t.txt", (byte) 0, (byte) 1);
        assertEquals(1, Corpus.at(folder.resolve("t.txt")).documents().size());
        assertEquals("t.txt", Corpus.at(folder.resolve("t.txt")).description());
    }

    @Test
    void saysInOneLineWhatIsMissing() throws IOException {
        Path gone = folder.resolve("gone");
        write("empty.txt");
        Files.write(folder.resolve("broken.zip"), new byte[] {1, 2, 3});
        assertEquals("no such file: " + gone, failure(new TextFile(gone)));
        assertEquals("no such folder: " + gone, failure(new TextFolder(gone, Set.of(), 1)));
        assertEquals(
                "no such file or folder: " + gone,
                assertThrows(DataException.class, () -> Corpus.at(gone)).getMessage());
        assertEquals(
                "the file is empty: " + folder.resolve("empty.txt"), failure(Corpus.at(folder.resolve("empty.txt"))));
        assertEquals(
                "no text found in " + folder + " (looked for files ending in java, kt)",
                failure(new TextFolder(folder, Set.of("kt", "java"), 1)));
        assertTrue(failure(Corpus.at(folder.resolve("broken.zip"))).startsWith("cannot read "));
        assertEquals(
                "this JDK comes without its sources (" + gone
                        + " is missing): install them, or name a text with --data FILE or --data FOLDER",
                failure(new JdkSources(gone, "", 1)));
    }
}
