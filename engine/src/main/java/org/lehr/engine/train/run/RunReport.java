package org.lehr.engine.train.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/// `report.html`: a run on one page, from what stands in its folder. It can be written at any time, also of a run
/// that goes on or was killed.
public final class RunReport {

    /// Name in the log, name among the final results, which comes first, and what a reader calls it.
    private static final String[][] FIGURES = {
        {MetricNames.BITS_PER_BYTE, "bitsPerByte", "validation bits per byte"},
        {MetricNames.VALIDATION_LOSS, "validationLoss", "validation loss"},
        {MetricNames.LOSS, "trainLoss", "training loss"},
        {MetricNames.TOKENS_PER_SECOND, "tokensPerSecond", "tokens per second"},
    };

    private RunReport() {}

    /// Writes the report of the run in `folder` into it, and says where.
    public static Path write(Path folder) throws IOException {
        Path file = folder.resolve(RunFolder.REPORT);
        page(folder).write(file);
        return file;
    }

    /// The report of the run in `folder`, open for more sections.
    public static ReportPage page(Path folder) throws IOException {
        Path log = folder.resolve(RunFolder.METRICS);
        List<Metrics> entries = Files.exists(log) ? MetricsLog.read(log) : List.of();
        RunStatus status = RunStatus.read(folder.resolve(RunFolder.STATUS));
        long step = entries.isEmpty()
                ? status.step()
                : Math.max(status.step(), entries.getLast().step());
        String state = RunIndex.condition(folder, status).name().toLowerCase(Locale.ROOT);
        ReportPage page = new ReportPage(RunFolder.nameOf(folder))
                .subtitle(state + " at step " + NumberText.of(step, 3)
                        + (status.message().isEmpty() ? "" : ": " + status.message()));
        SequencedMap<String, String> figures = figures(entries, status.results());
        if (!figures.isEmpty()) {
            page.figures(figures);
        }
        page.charts(charts(entries));
        addSamples(page, new SampleLog(folder.resolve(RunFolder.SAMPLES)).read());
        if (!status.results().isEmpty()) {
            page.heading("Results").settings(readable(status.results()));
        }
        return page.heading("Configuration").settings(readable(RunJson.read(folder.resolve(RunFolder.CONFIG))));
    }

    private static SequencedMap<String, String> figures(List<Metrics> entries, Map<String, Object> results) {
        SequencedMap<String, String> figures = new LinkedHashMap<>();
        for (String[] figure : FIGURES) {
            if (results.get(figure[1]) instanceof Number result) {
                figures.put(figure[2], NumberText.of(result.doubleValue(), 4));
                continue;
            }
            for (Metrics entry : entries.reversed()) {
                if (entry.has(figure[0])) {
                    figures.put(figure[2], NumberText.of(entry.number(figure[0]), 4));
                    break;
                }
            }
        }
        return figures;
    }

    private static List<Chart> charts(List<Metrics> entries) {
        return List.of(
                Chart.overSteps(
                                "Loss, nats per token",
                                Chart.Scale.LINEAR,
                                Series.of(entries, MetricNames.LOSS, "training", Series.Style.SMOOTHED),
                                Series.of(entries, MetricNames.VALIDATION_LOSS, "validation", Series.Style.MARKED))
                        .wider(),
                one(
                        entries,
                        "Validation, bits per byte",
                        MetricNames.BITS_PER_BYTE,
                        Chart.Scale.LINEAR,
                        Series.Style.MARKED),
                one(entries, "Learning rate", MetricNames.LEARNING_RATE, Chart.Scale.FROM_ZERO, Series.Style.LINE),
                one(
                        entries,
                        "Gradient norm",
                        MetricNames.GRADIENT_NORM,
                        Chart.Scale.LOGARITHMIC,
                        Series.Style.SMOOTHED),
                one(
                        entries,
                        "Throughput, tokens per second",
                        MetricNames.TOKENS_PER_SECOND,
                        Chart.Scale.FROM_ZERO,
                        Series.Style.SMOOTHED));
    }

    private static Chart one(
            List<Metrics> entries, String title, String metric, Chart.Scale scale, Series.Style style) {
        return Chart.overSteps(title, scale, Series.of(entries, metric, metric, style));
    }

    private static void addSamples(ReportPage page, List<SampleLog.Sample> samples) {
        if (!samples.isEmpty()) {
            page.heading("Samples");
            for (SampleLog.Sample sample : samples.reversed()) {
                page.text("after step " + NumberText.of(sample.step(), 3), sample.text(), sample == samples.getLast());
            }
        }
    }

    /// Members of nested objects under names with dots, numbers as people read them.
    private static SequencedMap<String, String> readable(Map<String, ?> settings) {
        SequencedMap<String, String> flat = new LinkedHashMap<>();
        settings.forEach((name, value) -> flatten(name, value, flat));
        return flat;
    }

    private static void flatten(String name, Object value, SequencedMap<String, String> into) {
        switch (value) {
            case Map<?, ?> members -> members.forEach((key, member) -> flatten(name + "." + key, member, into));
            case Double number -> into.put(name, NumberText.of(number, 6));
            case null -> into.put(name, "–");
            default -> into.put(name, value.toString());
        }
    }
}
