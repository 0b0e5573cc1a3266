package org.lehr.engine.train.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// Runs side by side on one page: a table, and their curves over tokens and over time.
public final class ComparisonPage {

    private static final List<String> COLUMNS =
            List.of("architecture", "width", "parameters", "bits per byte", "tokens/s", "training time");

    private ComparisonPage() {}

    /// One of the runs.
    ///
    /// @param name what it is called
    /// @param width of the stream
    /// @param parameters of the model
    /// @param tokensPerStep tokens that a step trains on
    /// @param metrics what was logged
    public record Entry(String name, long width, long parameters, long tokensPerStep, List<Metrics> metrics) {

        /// What the log of the run in `folder` says.
        public static Entry of(String name, long width, long parameters, long tokensPerStep, Path folder)
                throws IOException {
            return new Entry(
                    name, width, parameters, tokensPerStep, MetricsLog.read(folder.resolve(RunFolder.METRICS)));
        }

        /// The last bits per byte of held-out text, NaN when none were measured.
        public double bitsPerByte() {
            return metrics.reversed().stream()
                    .filter(entry -> entry.has(MetricNames.BITS_PER_BYTE))
                    .mapToDouble(entry -> entry.number(MetricNames.BITS_PER_BYTE))
                    .findFirst()
                    .orElse(Double.NaN);
        }

        /// Tokens after each entry of the log.
        private double[] tokens() {
            return metrics.stream()
                    .mapToDouble(entry -> (double) entry.step() * tokensPerStep)
                    .toArray();
        }

        /// Seconds of training after each entry of the log, from the throughput since the entry before.
        private double[] seconds() {
            double[] seconds = tokens();
            double before = 0;
            double sum = 0;
            for (int i = 0; i < seconds.length; i++) {
                double tokens = seconds[i];
                sum += (tokens - before) / metrics.get(i).number(MetricNames.TOKENS_PER_SECOND);
                before = tokens;
                seconds[i] = sum;
            }
            return seconds;
        }

        /// Seconds of training in all.
        public double trainingSeconds() {
            return metrics.isEmpty() ? 0 : seconds()[metrics.size() - 1];
        }

        /// Tokens per second of training.
        public double tokensPerSecond() {
            return metrics.isEmpty() ? 0 : tokens()[metrics.size() - 1] / trainingSeconds();
        }

        private Series curve(double[] places, String metric, Series.Style style) {
            double[] x = new double[places.length];
            double[] y = new double[places.length];
            int count = 0;
            for (int i = 0; i < places.length; i++) {
                if (metrics.get(i).has(metric)) {
                    x[count] = places[i];
                    y[count++] = metrics.get(i).number(metric);
                }
            }
            return new Series(name, Arrays.copyOf(x, count), Arrays.copyOf(y, count), style);
        }
    }

    /// The page, open for more sections.
    ///
    /// @param subtitle what the runs have in common
    public static ReportPage of(String title, String subtitle, List<Entry> entries) {
        ReportPage page = new ReportPage(title).subtitle(subtitle);
        List<List<String>> rows = new ArrayList<>();
        for (Entry entry : entries) {
            rows.add(List.of(
                    entry.name,
                    Long.toString(entry.width),
                    String.format(Locale.ROOT, "%,d", entry.parameters),
                    String.format(Locale.ROOT, "%.3f", entry.bitsPerByte()),
                    String.format(Locale.ROOT, "%,.0f", entry.tokensPerSecond()),
                    String.format(Locale.ROOT, "%.1f s", entry.trainingSeconds())));
        }
        return page.table(COLUMNS, rows)
                .charts(Stream.of(false, true)
                        .flatMap(overTime -> Stream.of(
                                chart(entries, "Validation, bits per byte", MetricNames.BITS_PER_BYTE, overTime),
                                chart(entries, "Training loss, nats per token", MetricNames.LOSS, overTime)))
                        .toList());
    }

    private static Chart chart(List<Entry> entries, String what, String metric, boolean overTime) {
        String along = overTime ? "seconds" : "tokens";
        Series.Style style = metric.equals(MetricNames.LOSS) ? Series.Style.SMOOTHED : Series.Style.MARKED;
        List<Series> series = entries.stream()
                .map(entry -> entry.curve(overTime ? entry.seconds() : entry.tokens(), metric, style))
                .toList();
        return new Chart(what + ", over " + along, along, Chart.Scale.LINEAR, false, series);
    }
}
