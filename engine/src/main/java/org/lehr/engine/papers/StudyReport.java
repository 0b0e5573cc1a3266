package org.lehr.engine.papers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.lehr.engine.train.run.ReportPage;

/// `report.html` of a study.
public final class StudyReport {

    private StudyReport() {}

    /// Writes the report into `runs/paper-ID/` and says where it is.
    ///
    /// @param seconds that the study took
    public static Path write(Path runs, Study study, Trial trial, Findings findings, double seconds)
            throws IOException {
        Study.Claim claim = study.claim();
        Paper paper = Paper.of(claim.paper());
        ReportPage page = new ReportPage("Paper " + paper.id() + ": " + (findings.hold() ? "PASS" : "FAIL"))
                .subtitle(paper.title())
                .paragraph("The claim: " + claim.says())
                .paragraph("The check: " + claim.compares());
        if (!claim.reproduces().holds()) {
            page.paragraph(
                    "It is not expected to hold here: " + claim.reproduces().why());
        }
        page.heading("What decides")
                .table(List.of("number", "measured", "wanted", ""), conditions(findings))
                .heading("What was measured")
                .table(findings.columns(), findings.rows());
        if (!findings.charts().isEmpty()) {
            page.charts(findings.charts());
        }
        SequencedMap<String, Object> settings = new LinkedHashMap<>();
        settings.put("seeds", trial.seeds());
        settings.put("quick", trial.quick());
        settings.put("method", trial.method() ? "on" : "off");
        settings.put("seconds", Math.round(seconds));
        settings.put("command", "./lehr reproduce " + paper.id());
        page.heading("Settings").settings(settings);
        Path folder = Files.createDirectories(runs.resolve("paper-" + paper.id()));
        Path file = folder.resolve("report.html");
        page.write(file);
        return file;
    }

    private static List<List<String>> conditions(Findings findings) {
        return findings.conditions().stream()
                .map(condition -> List.of(
                        condition.what(),
                        condition.measured(),
                        condition.relation(),
                        condition.holds() ? "holds" : "does not hold"))
                .toList();
    }
}
