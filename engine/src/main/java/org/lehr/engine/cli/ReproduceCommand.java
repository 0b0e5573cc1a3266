package org.lehr.engine.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Paper;
import org.lehr.engine.papers.ReproductionTable;
import org.lehr.engine.papers.Studies;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.StudyReport;
import org.lehr.engine.papers.Trial;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `lehr reproduce`: runs studies of papers.
@Command(
        name = "reproduce",
        description = "Check what papers claim, each in minutes on two cores. See: lehr papers",
        footer = "The exit code is 1 when a claim that is expected to hold does not.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ReproduceCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "NUMBER", arity = "0..*", description = "Numbers of papers.")
    private int[] papers = {};

    @Option(names = "--all", description = "All papers that have a study.")
    private boolean all;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often each is repeated, at least 3 times. Default: ${DEFAULT-VALUE}")
    private int seeds;

    @Option(names = "--quick", description = "Seconds instead of minutes, with rougher numbers.")
    private boolean quick;

    @Option(names = "--without-method", description = "Switch the method off, which must make the study fail.")
    private boolean off;

    @Option(
            names = "--runs",
            paramLabel = "DIR",
            defaultValue = "runs",
            description = "Where reports are written, to paper-NUMBER/. Default: ${DEFAULT-VALUE}")
    private Path runs;

    @Option(
            names = "--table",
            paramLabel = "FILE",
            description = "Put the verdicts into a Markdown table besides; rows of other papers stay in it.")
    private Path table;

    @Override
    public Integer call() throws IOException {
        List<Study> chosen = chosen();
        if (seeds < Trial.LEAST_SEEDS) {
            throw new ParameterException(
                    spec.commandLine(), "--seeds: expected at least " + Trial.LEAST_SEEDS + ", got " + seeds);
        }
        PrintWriter out = spec.commandLine().getOut();
        List<ReproductionTable.Row> rows = new ArrayList<>();
        boolean good = true;
        for (Study study : chosen) {
            Trial trial = new Trial(
                    seeds, quick, !off, progress -> spec.commandLine().getErr().println("  " + progress));
            Study.Claim claim = study.claim();
            out.println(
                    "Paper " + claim.paper() + ": " + Paper.of(claim.paper()).title());
            out.println("  claim: " + claim.says());
            out.println("  check: " + claim.compares());
            out.flush();
            long begin = System.nanoTime();
            Findings findings = study.run(trial);
            double seconds = (System.nanoTime() - begin) / 1e9;
            out.print(FindingsText.of(findings));
            out.println(verdict(claim, findings));
            out.printf("  %s  (%.0f s)%n", StudyReport.write(runs, study, trial, findings, seconds), seconds);
            rows.add(new ReproductionTable.Row(claim, findings, seeds));
            good &= findings.hold() || !claim.reproduces().holds();
        }
        if (table != null) {
            ReproductionTable.merge(table, rows);
        }
        out.flush();
        return good ? 0 : 1;
    }

    private static String verdict(Study.Claim claim, Findings findings) {
        String verdict = findings.hold() ? "  PASS" : "  FAIL";
        return findings.hold() || claim.reproduces().holds()
                ? verdict
                : verdict + ", as expected: " + claim.reproduces().why();
    }

    private List<Study> chosen() {
        if (all == papers.length > 0) {
            throw new ParameterException(spec.commandLine(), "name the papers, or --all of them: see lehr papers");
        }
        if (all) {
            return Studies.all();
        }
        List<Study> chosen = new ArrayList<>();
        for (int id : papers) {
            Paper paper = Paper.of(id);
            chosen.add(Studies.of(id)
                    .orElseThrow(() ->
                            new IllegalArgumentException("paper " + id + " (" + paper.title() + ") has no study yet")));
        }
        return chosen;
    }
}
