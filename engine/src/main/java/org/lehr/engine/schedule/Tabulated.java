package org.lehr.engine.schedule;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.LongToDoubleFunction;

/// A number for each step, written down. Stays at the last one.
public record Tabulated(List<Double> values) implements Schedule {

    static final ScheduleFamily FAMILY = ScheduleFamily.of(
                    "table",
                    "the numbers of a file, line by line",
                    terms -> terms.has("file")
                            ? read(Path.of(terms.text("file")))
                            : Constant.FAMILY.factory().apply(terms))
            .promising(ScheduleFamily.Promise.OWN_WARM_UP)
            .option("file", "", "lines STEP,VALUE after a head line, as `lehr schedules --csv` prints them");

    static final CodeEntry ANY = CodeEntry.of("any function", "any function of the step is a schedule", Schedule.class)
            .like("torch", "LambdaLR");

    public Tabulated {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("table: expected at least one number, got none");
        }
        for (double value : values) {
            Require.value("table", "values", value);
        }
    }

    /// The numbers of an array.
    public static Tabulated of(double... values) {
        List<Double> list = new ArrayList<>(values.length);
        for (double value : values) {
            list.add(value);
        }
        return new Tabulated(list);
    }

    /// `initial·factor(1)·…·factor(step)` for the first `steps` steps: PyTorch's MultiplicativeLR with any
    /// factors.
    public static Tabulated products(double initial, LongToDoubleFunction factor, int steps) {
        Require.steps("table", "steps", steps);
        double[] values = new double[steps];
        for (int step = 0; step < steps; step++) {
            values[step] = step == 0 ? initial : values[step - 1] * factor.applyAsDouble(step);
        }
        return of(values);
    }

    /// Reads what [Schedule#csv] wrote; the bits are the same.
    ///
    /// @throws IllegalArgumentException naming the line that is not `STEP,VALUE` with the next step
    public static Tabulated parse(Collection<String> lines) {
        List<Double> values = new ArrayList<>();
        for (String line : lines) {
            boolean head = values.isEmpty() && line.startsWith("step,");
            if (!head && !line.isBlank()) {
                values.add(value(line.strip(), values.size()));
            }
        }
        return new Tabulated(values);
    }

    private static double value(String line, int step) {
        String[] parts = line.split(",", -1);
        try {
            if (parts.length == 2 && Long.parseLong(parts[0]) == step) {
                return Double.parseDouble(parts[1]);
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("table: expected '" + step + ",VALUE', got '" + line + "'", e);
        }
        throw new IllegalArgumentException("table: expected '" + step + ",VALUE', got '" + line + "'");
    }

    private static Tabulated read(Path file) {
        try {
            return parse(Files.readAllLines(file));
        } catch (IOException e) {
            throw new UncheckedIOException("table: " + file + " cannot be read", e);
        }
    }

    @Override
    public double at(long step) {
        return values.get((int) Math.min(Require.step("table", step), values.size() - 1));
    }
}
