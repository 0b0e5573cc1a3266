package org.lehr.engine.papers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.lehr.engine.io.AtomicFiles;

/// The verdicts of studies as a Markdown table.
public final class ReproductionTable {

    /// What a study came to.
    public record Row(Study.Claim claim, Findings findings, int seeds) {}

    private ReproductionTable() {}

    /// Replaces `file` by the table.
    public static void write(Path file, List<Row> rows) throws IOException {
        StringBuilder text = new StringBuilder("# Reproductions\n\n"
                + "Written by `./lehr reproduce --all --table engine/REPRODUCTIONS.md`. A study compares with the baseline"
                + " of its paper, at a size of minutes on two cores; with the method switched off it fails.\n\n"
                + "| paper | claim | measured | seeds | verdict | command |\n|---|---|---|---|---|---|\n");
        for (Row row : rows) {
            Paper paper = Paper.of(row.claim.paper());
            text.append("| %d %s | %s | %s | %d | %s | `./lehr reproduce %d` |%n"
                    .formatted(
                            paper.id(),
                            cell(paper.title()),
                            cell(row.claim.says()),
                            cell(measured(row.findings)),
                            row.seeds,
                            verdict(row),
                            paper.id()));
        }
        AtomicFiles.writeString(file, text.toString());
    }

    private static String measured(Findings findings) {
        return findings.conditions().stream()
                .map(condition -> "%s: %s (%s)"
                        .formatted(condition.what(), Findings.number(condition.value()), condition.relation()))
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
