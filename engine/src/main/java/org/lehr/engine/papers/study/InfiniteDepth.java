package org.lehr.engine.papers.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.train.run.Chart;
import org.lehr.engine.train.run.Series;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Hayou 2022: random residual networks `x ← x + L^(−1/2)·W·relu(x)` of fixed width `n` and growing depth `L`. The
/// logarithm of the norm of `relu(x)` drifts by `1/(4(1 − 2^(−n))) − 1/n` over the depth: downwards for widths up to 3,
/// upwards from 4 on. Without the factor `L^(−1/2)`, which is the method here, norms explode.
public final class InfiniteDepth implements Study {

    private static final int[] WIDTHS = {2, 3, 4, 5, 8};

    /// A study without settings.
    public InfiniteDepth() {}

    @Override
    public Claim claim() {
        return Claim.of(
                248,
                "Scaled by the root of their depth, residual networks of fixed width have a limit in which the log-norm"
                        + " of activations drifts by 1/(4(1 − 2^−n)) − 1/n: its sign changes between width 3 and 4",
                "mean growth of the log-norm over random networks, beside the formula, within 0.06 at each width");
    }

    @Override
    public Findings run(Trial trial) {
        int depth = trial.pick(200, 100);
        int networks = trial.pick(20_000, 4000);
        Findings.Builder findings = Findings.table("width", "growth", "formula", "spread of the log-norm");
        List<Double> measured = new ArrayList<>();
        for (int width : WIDTHS) {
            Sample[] growth = growth(trial, width, depth, networks);
            double formula = 0.25 / (1 - Math.pow(2, -width)) - 1.0 / width;
            findings.row(width, growth[0], formula, growth[1]);
            findings.near("growth at width " + width, growth[0].mean(), formula, 0.06);
            measured.add(growth[0].mean());
            trial.say("width " + width + ": " + growth[0].mean());
        }
        double[] x = new double[WIDTHS.length];
        double[] y = new double[WIDTHS.length];
        double[] theory = new double[WIDTHS.length];
        for (int i = 0; i < WIDTHS.length; i++) {
            x[i] = WIDTHS[i];
            y[i] = measured.get(i);
            theory[i] = 0.25 / (1 - Math.pow(2, -WIDTHS[i])) - 1.0 / WIDTHS[i];
        }
        return findings.chart(new Chart(
                        "Growth of the log-norm over the depth",
                        "width",
                        Chart.Scale.LINEAR,
                        true,
                        List.of(
                                new Series("measured", x, y, Series.Style.MARKED),
                                new Series("formula", x, theory, Series.Style.LINE))))
                .build();
    }

    /// Mean and deviation of the growth over many networks, for each seed.
    private static Sample[] growth(Trial trial, int width, int depth, int networks) {
        double[] means = new double[trial.seeds()];
        double[] spreads = new double[trial.seeds()];
        double factor = trial.method() ? 1 / Math.sqrt(depth) : 1;
        for (long seed : trial.each()) {
            double[] growths = growths(new RandomStream(seed).split(width), width, depth, networks, factor);
            Sample all = new Sample(growths);
            means[(int) seed - 1] = all.mean();
            spreads[(int) seed - 1] = all.deviation();
        }
        return new Sample[] {new Sample(means), new Sample(spreads)};
    }

    private static double[] growths(RandomStream random, int width, int depth, int networks, double factor) {
        try (var _ = Scope.open()) {
            Tensor x = random.normal(DType.FLOAT64, networks, width, 1);
            Tensor first = x.relu().square().sum(1, 2).log();
            for (int layer = 0; layer < depth; layer++) {
                Tensor weights =
                        random.normal(DType.FLOAT64, networks, width, width).mul(factor / Math.sqrt(width));
                x = x.add(weights.matmul(x.relu()));
            }
            Tensor last = x.relu().square().sum(1, 2).log();
            double[] growths = last.sub(first).mul(0.5).toDoubleArray();
            // Where no unit is active, at first or in the end, there is no logarithm.
            return Arrays.stream(growths).filter(Double::isFinite).toArray();
        }
    }
}
