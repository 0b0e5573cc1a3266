package org.lehr.engine.papers.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.lehr.engine.analysis.Curvature;
import org.lehr.engine.analysis.OpposingSignals;
import org.lehr.engine.analysis.StabilityMonitor;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.recipe.Adam;
import org.lehr.engine.optim.recipe.Sgd;
import org.lehr.engine.papers.Descent;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.train.run.Chart;
import org.lehr.engine.train.run.Series;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Rosenfeld, Risteski 2023: two small groups of outliers that share a large feature and want opposite outputs for it
/// make
/// the loss sharper and sharper, until it swings between them.
///
/// A linear network of two layers learns, along the whole loss, a linear map of features of falling size, which keeps
/// its
/// weights growing. Four pairs of equal examples have a large further feature besides, and targets moved up in one
/// group
/// and down in the other: nothing can be learned from that feature. Without it there are no outliers.
public final class OpposingOutliers implements Study {

    private static final int FEATURES = 6;
    private static final int EXAMPLES = 64;
    private static final int GROUP = 4;
    private static final int WIDTH = 16;
    private static final int STEPS = 500;
    private static final double RATE = 0.07;
    private static final double SIZE = 6;
    private static final int[] UP = IntStream.range(0, GROUP).toArray();
    private static final int[] DOWN = IntStream.range(GROUP, 2 * GROUP).toArray();

    /// A study without settings.
    public OpposingOutliers() {}

    @Override
    public Claim claim() {
        return Claim.of(
                70,
                "Two small groups with one large feature and opposite targets drive gradient descent to the edge of"
                        + " stability, where their losses move in opposite ways; Adam damps the swing",
                "median over the seeds: largest ηλ/2 at least 1 with outliers, at most 0.5 without; from the first rise of the"
                        + " loss on, the changes of the groups' losses correlate by at most −0.7, and the examples whose losses"
                        + " change most are outliers by at least 0.9; the loss over its least value before rises to at least 1.5"
                        + " in descent, at most 1.1 in Adam");
    }

    /// @param edge the largest `ηλ/2`
    /// @param correlation of the changes of both groups' losses from the first rise on; NaN without one
    /// @param found share of the outliers among the examples whose losses changed most when the loss first rose
    /// @param spike the largest loss over the least before it
    /// @param loss at the end
    /// @param edges `ηλ/2` at each look
    private record Outcome(
            double edge, double correlation, double found, double spike, double loss, List<Double> edges) {}

    @Override
    public Findings run(Trial trial) {
        Recipe descent = new Sgd(new Constant(RATE), new Constant(0), 0, false, new Constant(0));
        Recipe adam =
                new Adam(new Constant(0.003), new Constant(0.9), new Constant(0.99), 1e-8, new Constant(0), false);
        List<Outcome> outliers = new ArrayList<>();
        List<Outcome> none = new ArrayList<>();
        List<Outcome> damped = new ArrayList<>();
        int looks = trial.pick(40, 10);
        for (long seed : trial.each()) {
            outliers.add(train(descent, trial.method(), looks, new RandomStream(seed)));
            none.add(train(descent, false, looks, new RandomStream(seed)));
            damped.add(train(adam, trial.method(), looks, new RandomStream(seed)));
            trial.say("seed " + seed);
        }
        Findings.Builder findings = Findings.table(
                "run", "largest ηλ/2", "correlation of groups", "outliers found", "spike", "loss at the end");
        row(findings, "descent, outliers", outliers);
        row(findings, "descent, no outliers", none);
        row(findings, "Adam, outliers", damped);
        return findings.atLeast(
                        "largest ηλ/2 with outliers",
                        of(outliers, Outcome::edge).median(),
                        1)
                .atMost("largest ηλ/2 without", of(none, Outcome::edge).median(), 0.5)
                .atMost(
                        "correlation of the groups",
                        of(outliers, Outcome::correlation).median(),
                        -0.7)
                .atLeast("share of outliers found", of(outliers, Outcome::found).median(), 0.9)
                .atLeast("spike in descent", of(outliers, Outcome::spike).median(), 1.5)
                .atMost("spike in Adam", of(damped, Outcome::spike).median(), 1.1)
                .chart(chart(outliers.getFirst(), none.getFirst()))
                .build();
    }

    private static void row(Findings.Builder findings, String name, List<Outcome> outcomes) {
        Sample correlation = of(outcomes, Outcome::correlation);
        findings.row(
                name,
                of(outcomes, Outcome::edge),
                Double.isNaN(correlation.mean()) ? null : correlation,
                of(outcomes, Outcome::found),
                of(outcomes, Outcome::spike),
                of(outcomes, Outcome::loss));
    }

    private static Sample of(List<Outcome> outcomes, ToDoubleFunction<Outcome> number) {
        return new Sample(outcomes.stream().mapToDouble(number).toArray());
    }

    /// @param x `[n, features + 1]`, the last of which only outliers have
    /// @param y `[n, 1]`
    private record Data(Tensor x, Tensor y) {

        static Data of(boolean outliers, RandomStream random) {
            double[] draws =
                    random.split("x").normal(DType.FLOAT64, EXAMPLES, FEATURES).toDoubleArray();
            double[] noise =
                    random.split("noise").normal(DType.FLOAT64, EXAMPLES).toDoubleArray();
            double[] x = new double[EXAMPLES * (FEATURES + 1)];
            double[] y = new double[EXAMPLES];
            for (int i = 0; i < EXAMPLES; i++) {
                // Outliers are pairs that differ in nothing but what they want.
                int twin = i < GROUP || i >= 2 * GROUP ? i : i - GROUP;
                y[i] = 0.1 * noise[i];
                for (int j = 0; j < FEATURES; j++) {
                    double draw = draws[twin * FEATURES + j];
                    x[i * (FEATURES + 1) + j] = draw * Math.pow(2, -j / 2.0);
                    y[i] += draw;
                }
                if (outliers && i < 2 * GROUP) {
                    x[i * (FEATURES + 1) + FEATURES] = SIZE;
                    y[i] += i < GROUP ? SIZE : -SIZE;
                }
            }
            return new Data(Tensor.of(x, EXAMPLES, FEATURES + 1), Tensor.of(y, EXAMPLES, 1));
        }
    }

    private static Outcome train(Recipe recipe, boolean withOutliers, int looks, RandomStream random) {
        Data data = Data.of(withOutliers, random);
        Layer network = new Sequential(
                new Linear(FEATURES + 1, WIDTH, null, small(FEATURES + 1), random.split("first")),
                new Linear(WIDTH, 1, null, small(WIDTH), random.split("second")));
        network.convert(DType.FLOAT64);
        Supplier<Tensor> losses =
                () -> network.apply(data.x).sub(data.y).square().mul(0.5);
        Supplier<Tensor> loss = () -> losses.get().mean();
        StabilityMonitor monitor = new StabilityMonitor(
                new Curvature(loss, List.copyOf(network.parameters().values())), 8, 1, random.split("monitor"));
        Descent descent = new Descent(loss, recipe.over(List.of(ParameterGroup.all(network))));
        OpposingSignals signals = new OpposingSignals(EXAMPLES);
        double last = Double.POSITIVE_INFINITY;
        double least = Double.POSITIVE_INFINITY;
        double spike = 0;
        int rise = STEPS;
        for (int step = 0; step < STEPS; step++) {
            if (step % (STEPS / looks) == 0) {
                monitor.look(step, RATE);
            }
            try (var _ = Scope.open()) {
                signals.add(losses.get().toDoubleArray());
            }
            double now = descent.step();
            least = Math.min(least, now);
            spike = Math.max(spike, now / least);
            rise = now > last ? Math.min(rise, step) : rise;
            last = now;
        }
        List<Double> edges =
                monitor.points().stream().map(StabilityMonitor.Point::edge).toList();
        return new Outcome(
                edges.stream().mapToDouble(edge -> edge).max().orElseThrow(),
                rise > STEPS - 10 ? Double.NaN : signals.correlation(rise, UP, DOWN),
                rise > STEPS - 10 ? 0 : found(signals, rise),
                spike,
                last,
                edges);
    }

    private static Initializer small(int in) {
        return Initializer.normal(0.3 / Math.sqrt(in));
    }

    private static double found(OpposingSignals signals, int step) {
        Set<Integer> changed = IntStream.concat(
                        IntStream.of(signals.rises(step, GROUP)), IntStream.of(signals.falls(step, GROUP)))
                .boxed()
                .collect(Collectors.toSet());
        return changed.stream().filter(example -> example < 2 * GROUP).count() / (2.0 * GROUP);
    }

    private static Chart chart(Outcome outliers, Outcome none) {
        int looks = outliers.edges.size();
        double[] steps = IntStream.range(0, looks)
                .mapToDouble(i -> i * (double) STEPS / looks)
                .toArray();
        return new Chart(
                "ηλ/2, seed 1",
                "step",
                Chart.Scale.FROM_ZERO,
                true,
                List.of(
                        new Series("outliers", steps, values(outliers), Series.Style.MARKED),
                        new Series("no outliers", steps, values(none), Series.Style.MARKED)));
    }

    private static double[] values(Outcome outcome) {
        return outcome.edges.stream().mapToDouble(edge -> edge).toArray();
    }
}
