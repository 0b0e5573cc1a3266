package org.lehr.engine.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunIndexTest {

    @TempDir
    private Path runs;

    private RunFolder make(String name) throws IOException {
        RunFolder run = RunFolder.create(runs.resolve(name), new LinkedHashMap<>(Map.of("seed", 1)));
        try (MetricsLog log = MetricsLog.open(run.metricsFile())) {
            SequencedMap<String, Object> train = new LinkedHashMap<>();
            train.put(MetricNames.LOSS, 2.5);
            train.put(MetricNames.TOKENS_PER_SECOND, 1000);
            log.append(10, train);
            log.append(
                    10, new LinkedHashMap<>(Map.of(MetricNames.VALIDATION_LOSS, 2.25, MetricNames.BITS_PER_BYTE, 3.5)));
            log.append(20, new LinkedHashMap<>(Map.of(MetricNames.LOSS, 2.0)));
        }
        return run;
    }

    private List<RunSummary.Condition> conditions() throws IOException {
        return RunIndex.list(runs).stream().map(RunSummary::condition).toList();
    }

    @Test
    void listsRunsByNameWithTheirLastNumbers() throws IOException {
        assertEquals(List.of(), RunIndex.list(runs.resolve("absent")));
        for (String name : List.of("a-10", "a-2", "b")) {
            make(name).close();
        }
        Files.createDirectory(runs.resolve("no run"));
        Files.writeString(runs.resolve("file"), "x");
        List<RunSummary> found = RunIndex.list(runs);
        assertEquals(
                List.of("a-2", "a-10", "b"),
                found.stream().map(RunSummary::name).toList());
        assertEquals(
                new RunSummary("b", runs.resolve("b"), RunSummary.Condition.KILLED, 20, 2.0, 2.25, 3.5, 1000),
                found.getLast());
    }

    @Test
    void tellsRunningFromKilled() throws IOException {
        try (RunFolder run = make("a")) {
            assertEquals(List.of(RunSummary.Condition.RUNNING), conditions());
            assertTrue(RunFolder.isHeld(run.path()));
        }
        assertEquals(List.of(RunSummary.Condition.KILLED), conditions());
        try (RunFolder run = RunFolder.resume(runs.resolve("a"))) {
            run.status(RunStatus.finished(20, new LinkedHashMap<>()));
        }
        assertEquals(List.of(RunSummary.Condition.FINISHED), conditions());
    }

    @Test
    void aDamagedRunHidesNoOther() throws IOException {
        make("a").close();
        make("b").close();
        Files.writeString(runs.resolve("a/metrics.jsonl"), "junk\n");
        assertEquals(List.of(RunSummary.Condition.DAMAGED, RunSummary.Condition.KILLED), conditions());
        Files.delete(runs.resolve("b/status.json"));
        assertEquals(List.of(RunSummary.Condition.DAMAGED, RunSummary.Condition.KILLED), conditions());
    }

    @Test
    void theReportShowsWhatIsThere() throws IOException {
        try (RunFolder run = make("a")) {
            run.samples().append(20, "class <T> {");
            run.status(RunStatus.finished(20, new LinkedHashMap<>(Map.of("trainLoss", 1.9876))));
        }
        String html = Files.readString(RunReport.write(runs.resolve("a")));
        assertTrue(html.contains("finished at step 20"));
        assertTrue(html.contains("<dd>1.988</dd><dt>training loss</dt>"));
        assertTrue(html.contains("<dd>3.5</dd><dt>validation bits per byte</dt>"));
        assertTrue(html.contains("class &lt;T&gt; {"));
        assertTrue(html.contains("<dt>seed</dt><dd>1</dd>"));
        assertTrue(html.contains("step 10\ntraining 2.5\nvalidation 2.25"));
    }

    @Test
    void aRunThatHasLoggedNothingHasAReport() throws IOException {
        Path folder = runs.resolve("a");
        RunFolder.create(folder, new LinkedHashMap<>()).close();
        String html = Files.readString(RunReport.write(folder));
        assertTrue(html.contains("killed at step 0"));
        assertTrue(html.contains("nothing to show yet"));
    }
}
