package org.lehr.bench.harness;

import java.util.List;
import java.util.Locale;

/// Results as lines of a Markdown table.
final class ResultTable {

    static final List<String> HEAD = List.of(
            "| work | threads | Lehr | peer | ratio | best peer | share of ceiling | as shipped | ratio |",
            "|---|---:|---:|---:|---:|---|---:|---:|---:|");

    private ResultTable() {}

    static String line(Result result) {
        return String.format(
                Locale.ROOT,
                "| %s | %d | %s | %s | %s | %s | %s | %s | %s |",
                result.name(),
                result.threads(),
                amount(result.ours(), result.unit()),
                amount(result.peer(), result.unit()),
                ratio(result.ratio()),
                result.peerName(),
                Double.isNaN(result.ceilingShare()) ? "" : Math.round(100 * result.ceilingShare()) + "%",
                amount(result.shipped(), result.unit()),
                ratio(result.shippedRatio()));
    }

    /// Three digits that count.
    static String amount(double value, String unit) {
        if (Double.isNaN(value)) {
            return "";
        }
        int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : value >= 0.1 ? 3 : value >= 0.01 ? 4 : 5;
        return String.format(Locale.ROOT, "%." + decimals + "f %s", value, unit);
    }

    private static String ratio(double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.2f", value);
    }
}
