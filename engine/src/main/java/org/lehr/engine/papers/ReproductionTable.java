package org.lehr.engine.papers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.lehr.engine.io.AtomicFiles;

/// The verdicts of studies as a Markdown table.
public final class ReproductionTable {

    /// What a study came to.
    public record Row(Study.Claim claim, Findings findings, int seeds) {}

    private static final String TITLE = "# Reproductions";
    private static final String HEAD = TITLE + "\n\n"
            + "Written by `./lehr reproduce --all --table engine/REPRODUCTIONS.md`. A study compares with the baseline"
            + " of its paper, at a size of minutes on two cores; with the method switched off it fails.\n\n"
            + "| paper | claim | measured | seeds | verdict | command |\n|---|---|---|---|---|---|\n";
    private static final Pattern ROW = Pattern.compile("\\| ([0-9]+) ");

    private ReproductionTable() {}

    /// Puts rows into the table in `file`, which is made where there is none: rows of the same papers are replaced,
    /// the
    /// others stay, all in the order of numbers.
    ///
    /// @throws IOException when the file holds something else
    public static void merge(Path file, List<Row> rows) throws IOException {
        SortedMap<Integer, String> lines = Files.exists(file) ? read(file) : new TreeMap<>();
        rows.forEach(row -> lines.put(row.claim.paper(), line(row)));
        AtomicFiles.writeString(file, HEAD + lines.values().stream().collect(Collectors.joining("\n", "", "\n")));
    }

    private static SortedMap<Integer, String> read(Path file) throws IOException {
        SortedMap<Integer, String> lines = new TreeMap<>();
        List<String> all = Files.readAllLines(file);
        if (!all.isEmpty() && !all.getFirst().equals(TITLE)) {
            throw new IOException("table " + file + ": expected a table of reproductions or no file, got a file that"
                    + " begins with '" + all.getFirst() + "'");
        }
        for (String line : all) {
            Matcher row = ROW.matcher(line);
            if (row.lookingAt()) {
                lines.put(Integer.valueOf(row.group(1)), line);
            }
        }
        return lines;
    }

    private static String line(Row row) {
        Paper paper = Paper.of(row.claim.paper());
        return "| %d %s | %s | %s | %d | %s | `./lehr reproduce %d` |"
                .formatted(
                        paper.id(),
                        cell(paper.title()),
                        cell(row.claim.says()),
                        cell(measured(row.findings)),
                        row.seeds,
                        verdict(row),
                        paper.id());
    }

    private static String measured(Findings findings) {
        return findings.conditions().stream()
                .map(condition -> "%s: %s (%s)".formatted(condition.what(), condition.measured(), condition.relation()))
                .collect(Collectors.joining("; "));
    }

    private static String verdict(Row row) {
        if (row.findings.hold()) {
            return "PASS";
        }
        return row.claim.reproduces().holds()
                ? "FAIL"
                : "FAIL, as expected: " + cell(row.claim.reproduces().why());
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }
}
