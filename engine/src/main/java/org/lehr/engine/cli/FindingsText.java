package org.lehr.engine.cli;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.papers.Findings;

/// Findings as text in columns.
final class FindingsText {

    private FindingsText() {}

    static String of(Findings findings) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(findings.columns());
        rows.addAll(findings.rows());
        StringBuilder text = new StringBuilder(aligned(rows));
        findings.conditions()
                .forEach(condition -> text.append("  ")
                        .append(condition.holds() ? "✓ " : "✗ ")
                        .append(condition.what())
                        .append(": ")
                        .append(condition.measured())
                        .append(", wanted ")
                        .append(condition.relation())
                        .append('\n'));
        return text.toString();
    }

    private static String aligned(List<List<String>> rows) {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            text.append("  ");
            for (int i = 0; i < widths.length; i++) {
                text.append(row.get(i))
                        .repeat(
                                ' ',
                                i < widths.length - 1 ? widths[i] - row.get(i).length() + 2 : 0);
            }
            text.append('\n');
        }
        return text.toString();
    }
}
