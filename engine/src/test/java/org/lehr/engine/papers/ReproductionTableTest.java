package org.lehr.engine.papers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReproductionTableTest {

    @TempDir
    private Path folder;

    private static ReproductionTable.Row row(int paper, double measured) {
        return new ReproductionTable.Row(
                Study.Claim.of(paper, "says | this", "compares"),
                Findings.table("a").atLeast("x", measured, 1).build(),
                3);
    }

    private static List<String> rows(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.matches("\\| [0-9].*"))
                .toList();
    }

    @Test
    void rowsReplaceTheirsAndStandInTheOrderOfNumbers() throws IOException {
        Path file = folder.resolve("table.md");
        ReproductionTable.merge(file, List.of(row(248, 2), row(10, 3)));
        ReproductionTable.merge(file, List.of(row(91, 4)));
        String before = rows(file).getFirst();
        ReproductionTable.merge(file, List.of(row(248, 0.5)));
        List<String> rows = rows(file);
        assertEquals(3, rows.size());
        assertEquals(before, rows.get(0));
        assertTrue(rows.get(1).startsWith("| 91 "), rows.get(1));
        assertTrue(rows.get(2).contains("x: 0.5000 (≥ 1.000) | 3 | FAIL | `./lehr reproduce 248`"), rows.get(2));
        assertEquals("# Reproductions", Files.readAllLines(file).getFirst());
        String whole = Files.readString(file);
        ReproductionTable.merge(file, List.of());
        assertEquals(whole, Files.readString(file));
    }

    @Test
    void anotherFileIsLeftAlone() throws IOException {
        Path file = folder.resolve("notes.md");
        Files.writeString(file, "# Notes\n");
        String message = assertThrows(IOException.class, () -> ReproductionTable.merge(file, List.of(row(10, 3))))
                .getMessage();
        assertTrue(message.contains("begins with '# Notes'"), message);
        assertEquals("# Notes\n", Files.readString(file));
    }
}
