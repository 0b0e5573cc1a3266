package org.lehr.engine.schedule.predict;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.lehr.engine.schedule.Require;

/// The norms of the whole gradient at every step of a run, recorded for a [Refinement].
public final class GradientNorms {

    private static final String HEAD = "step,l2,l1";

    private final List<double[]> norms = new ArrayList<>();

    /// A record without a step.
    public GradientNorms() {}

    /// Takes in the norms of a step: the root of the sum of squares, and the sum of absolute values.
    public void observe(double l2, double l1) {
        Require.value("gradient norms", "l2", l2);
        Require.value("gradient norms", "l1", l1);
        norms.add(new double[] {l2, l1});
    }

    /// How many steps were recorded.
    public int size() {
        return norms.size();
    }

    /// The L2 norms, step by step.
    public double[] l2() {
        return norms.stream().mapToDouble(pair -> pair[0]).toArray();
    }

    /// The L1 norms, step by step.
    public double[] l1() {
        return norms.stream().mapToDouble(pair -> pair[1]).toArray();
    }

    /// As comma-separated values: a head line `step,l2,l1` and a line for each step.
    public String csv() {
        StringBuilder lines = new StringBuilder(HEAD).append('\n');
        for (int step = 0; step < norms.size(); step++) {
            double[] pair = norms.get(step);
            lines.append(step)
                    .append(',')
                    .append(pair[0])
                    .append(',')
                    .append(pair[1])
                    .append('\n');
        }
        return lines.toString();
    }

    /// Reads what [#csv] wrote; the bits are the same.
    ///
    /// @throws IllegalArgumentException naming the line that is not `STEP,L2,L1` with the next step
    public static GradientNorms parse(Collection<String> lines) {
        GradientNorms read = new GradientNorms();
        for (String line : lines) {
            if (!line.isBlank() && !line.equals(HEAD)) {
                String[] parts = line.split(",", -1);
                try {
                    if (parts.length != 3 || Integer.parseInt(parts[0]) != read.size()) {
                        throw new NumberFormatException("not the next step");
                    }
                    read.observe(Double.parseDouble(parts[1]), Double.parseDouble(parts[2]));
                } catch (NumberFormatException e) {
                    throw new IllegalArgumentException(
                            "gradient norms: expected '" + read.size() + ",L2,L1', got '" + line + "'", e);
                }
            }
        }
        return read;
    }
}
