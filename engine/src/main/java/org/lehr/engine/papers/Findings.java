package org.lehr.engine.papers;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.lehr.engine.train.run.Chart;

/// What a study found: a table, diagrams, and the conditions that decide.
///
/// @param columns of the table
/// @param rows of the table
/// @param charts for the report
/// @param conditions all of which must hold
public record Findings(List<String> columns, List<List<String>> rows, List<Chart> charts, List<Condition> conditions) {

    /// A number and where it has to be.
    ///
    /// @param what it is
    /// @param value of it
    /// @param relation such as `≥ 2`
    /// @param holds whether it is there
    public record Condition(String what, double value, String relation, boolean holds) {

        /// The number as tables have it.
        public String measured() {
            return number(value);
        }
    }

    public Findings {
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
        charts = List.copyOf(charts);
        conditions = List.copyOf(conditions);
        if (conditions.isEmpty()) {
            throw new IllegalArgumentException("findings: nothing decides");
        }
    }

    /// Whether the claim holds.
    public boolean hold() {
        return conditions.stream().allMatch(Condition::holds);
    }

    /// Begins findings with the columns of a table.
    public static Builder table(String... columns) {
        return new Builder(List.of(columns));
    }

    /// Collects findings.
    public static final class Builder {

        private final List<String> columns;
        private final List<List<String>> rows = new ArrayList<>();
        private final List<Chart> charts = new ArrayList<>();
        private final List<Condition> conditions = new ArrayList<>();

        private Builder(List<String> columns) {
            this.columns = columns;
        }

        /// A row: a name, then numbers, samples (mean ± deviation) or texts.
        public Builder row(Object... cells) {
            if (cells.length != columns.size()) {
                throw new IllegalArgumentException(
                        "findings: a row of " + cells.length + " cells for " + columns.size() + " columns");
            }
            List<String> row = new ArrayList<>();
            for (Object cell : cells) {
                row.add(text(cell));
            }
            rows.add(row);
            return this;
        }

        public Builder chart(Chart chart) {
            charts.add(chart);
            return this;
        }

        /// The number must be at least `bound`.
        public Builder atLeast(String what, double value, double bound) {
            return condition(what, value, "≥ " + number(bound), value >= bound);
        }

        /// The number must be at most `bound`.
        public Builder atMost(String what, double value, double bound) {
            return condition(what, value, "≤ " + number(bound), value <= bound);
        }

        /// The number must be at most `margin` away from `expected`.
        public Builder near(String what, double value, double expected, double margin) {
            return condition(
                    what,
                    value,
                    "= " + number(expected) + " ± " + number(margin),
                    Math.abs(value - expected) <= margin);
        }

        private Builder condition(String what, double value, String relation, boolean holds) {
            conditions.add(new Condition(what, value, relation, holds));
            return this;
        }

        public Findings build() {
            return new Findings(columns, rows, charts, conditions);
        }

        private static String text(Object cell) {
            return switch (cell) {
                case Sample sample -> number(sample.mean()) + " ± " + number(sample.deviation());
                case Double value -> number(value);
                case null -> "–";
                default -> cell.toString();
            };
        }
    }

    /// A number as the tables have it.
    static String number(double value) {
        double size = Math.abs(value);
        return size == 0 || size >= 1e-3 && size < 1e5
                ? String.format(Locale.ROOT, "%.4g", value)
                : String.format(Locale.ROOT, "%.2e", value);
    }
}
