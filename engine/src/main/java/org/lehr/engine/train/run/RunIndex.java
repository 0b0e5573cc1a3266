package org.lehr.engine.train.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.lehr.engine.io.FormatException;

/// Finds the runs in a folder.
public final class RunIndex {

    private RunIndex() {}

    /// The runs directly below `runs`, by name with numbers in them compared as numbers; none where the folder is
    /// absent. A run whose files are damaged is listed as such and hides no other.
    public static List<RunSummary> list(Path runs) throws IOException {
        if (!Files.isDirectory(runs)) {
            return List.of();
        }
        List<Path> folders;
        try (Stream<Path> children = Files.list(runs)) {
            folders = children.filter(child -> Files.exists(child.resolve(RunFolder.CONFIG)))
                    .sorted((a, b) -> NaturalOrder.compare(RunFolder.nameOf(a), RunFolder.nameOf(b)))
                    .toList();
        }
        List<RunSummary> summaries = new ArrayList<>();
        for (Path folder : folders) {
            summaries.add(summary(folder));
        }
        return summaries;
    }

    /// The summary of the run in `folder`.
    public static RunSummary summary(Path folder) throws IOException {
        try {
            Path log = folder.resolve(RunFolder.METRICS);
            List<Metrics> entries = Files.exists(log) ? MetricsLog.read(log) : List.of();
            RunStatus status = RunStatus.read(folder.resolve(RunFolder.STATUS));
            long step = entries.isEmpty()
                    ? status.step()
                    : Math.max(status.step(), entries.getLast().step());
            return new RunSummary(
                    RunFolder.nameOf(folder),
                    folder,
                    condition(folder, status),
                    step,
                    last(entries, MetricNames.LOSS),
                    last(entries, MetricNames.VALIDATION_LOSS),
                    last(entries, MetricNames.BITS_PER_BYTE),
                    last(entries, MetricNames.TOKENS_PER_SECOND));
        } catch (FormatException damaged) {
            return new RunSummary(
                    RunFolder.nameOf(folder),
                    folder,
                    RunSummary.Condition.DAMAGED,
                    0,
                    Double.NaN,
                    Double.NaN,
                    Double.NaN,
                    Double.NaN);
        }
    }

    /// How a run with this status stands.
    static RunSummary.Condition condition(Path folder, RunStatus status) throws IOException {
        return switch (status.state()) {
            case RUNNING -> RunFolder.isHeld(folder) ? RunSummary.Condition.RUNNING : RunSummary.Condition.KILLED;
            case FINISHED -> RunSummary.Condition.FINISHED;
            case INTERRUPTED -> RunSummary.Condition.INTERRUPTED;
            case FAILED -> RunSummary.Condition.FAILED;
        };
    }

    private static double last(List<Metrics> entries, String name) {
        for (Metrics entry : entries.reversed()) {
            if (entry.has(name)) {
                return entry.number(name);
            }
        }
        return Double.NaN;
    }
}
