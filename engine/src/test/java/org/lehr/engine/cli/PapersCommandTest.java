package org.lehr.engine.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PapersCommandTest {

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... words) {
        return Main.run(new PrintWriter(out), new PrintWriter(err), words);
    }

    @Test
    void allPapersAreListed() {
        assertEquals(0, run("papers"));
        assertEquals(349, out.toString().lines().count());
        assertTrue(out.toString().contains(" 248  reproduced "), out.toString());
        assertTrue(out.toString().contains(" 204  part exists "), out.toString());
    }

    @Test
    void familiesAreChosen() {
        assertEquals(0, run("papers", "--family", "ssm", "--json"));
        assertTrue(out.toString().lines().allMatch(line -> line.startsWith("{\"id\":") && line.contains("\"ssm\"")));
        assertEquals(2, run("papers", "--family", "nothing"));
        assertTrue(err.toString().contains("nothing") && err.toString().contains("schedule"), err.toString());
    }

    @Test
    void aStudyPrintsItsVerdictAndWritesItsReport() throws IOException {
        String runs = folder.toString();
        String table = folder.resolve("table.md").toString();
        assertEquals(0, run("reproduce", "248", "--quick", "--runs", runs, "--table", table));
        assertTrue(out.toString().contains("PASS"), out.toString());
        assertTrue(Files.readString(folder.resolve("paper-248/report.html")).contains("PASS"));
        assertTrue(Files.readString(folder.resolve("table.md")).contains("| PASS |"));
        assertEquals(1, run("reproduce", "248", "--quick", "--without-method", "--runs", runs));
        assertTrue(out.toString().contains("FAIL"), out.toString());
    }

    @Test
    void mistakesAreNamed() {
        assertEquals(2, run("reproduce"));
        assertEquals(2, run("reproduce", "248", "--all"));
        assertEquals(2, run("reproduce", "248", "--seeds", "1"));
        assertEquals(1, run("reproduce", "100000"));
        assertTrue(err.toString().contains("paper 100000"), err.toString());
    }
}
