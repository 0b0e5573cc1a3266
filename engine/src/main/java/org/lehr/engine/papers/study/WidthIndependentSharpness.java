package org.lehr.engine.papers.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.lehr.engine.analysis.Curvature;
import org.lehr.engine.analysis.StabilityMonitor;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.nn.scaling.MaximalUpdate;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.recipe.Sgd;
import org.lehr.engine.papers.Descent;
import org.lehr.engine.papers.Examples;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Perceptron;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.engine.train.run.Chart;
import org.lehr.engine.train.run.Series;

/// Noci et al. 2024: rates transfer between widths in the maximal update parametrisation because the sharpness of the
/// loss
/// is the same there at any width, from the first step on; in the standard one it grows with the width.
///
/// Sharpness is the largest eigenvalue of the Hessian in the coordinates over which descent goes with one rate, since
/// the parametrisation gives each parameter a rate of its own. In the standard one the widths come together later, when
/// the loss and with it the sharpness of all networks vanishes: the largest spread over the run counts. The best rate
/// itself is not compared: after so few steps of cross-entropy it is far above `2/λ` and moves little with either.
public final class WidthIndependentSharpness implements Study {

    private static final Examples.Sizes SIZES = new Examples.Sizes(16, 16, 4);
    private static final int BASE = 128;
    private static final double RATE = 0.3;
    private static final int LOOKS = 4;

    /// A study without settings.
    public WidthIndependentSharpness() {}

    @Override
    public Claim claim() {
        return Claim.of(
                286,
                "With maximal updates the sharpness along training does not depend on the width; in the standard"
                        + " parametrisation it does",
                "mean over the seeds; quotient of the largest and the least sharpness of widths 128 to 512 (384 in short), at"
                        + " the look where it is largest: at most 1.25 with maximal updates, at least 1.5 in the standard"
                        + " parametrisation");
    }

    @Override
    public Findings run(Trial trial) {
        int[] widths = trial.quick() ? new int[] {BASE, 384} : new int[] {BASE, 256, 512};
        int steps = trial.pick(40, 15);
        double[][] maximal = looks(trial, widths, steps, trial.method());
        double[][] standard = looks(trial, widths, steps, false);
        Findings.Builder findings =
                Findings.table("width", "sharpness with maximal updates, at " + LOOKS + " steps", "standard");
        for (int i = 0; i < widths.length; i++) {
            findings.row(widths[i], text(maximal[i]), text(standard[i]));
        }
        return findings.atMost("spread of sharpness with maximal updates", spread(maximal), 1.25)
                .atLeast("spread of sharpness, standard", spread(standard), 1.5)
                .chart(chart(widths, maximal, standard))
                .build();
    }

    /// The largest over the looks of the spread over the widths.
    private static double spread(double[][] sharpness) {
        double spread = 1;
        for (int look = 0; look < LOOKS; look++) {
            int at = look;
            Sample values = new Sample(
                    Arrays.stream(sharpness).mapToDouble(of -> of[at]).toArray());
            spread = Math.max(spread, values.max() / values.min());
        }
        return spread;
    }

    private static String text(double... values) {
        StringBuilder text = new StringBuilder();
        for (double value : values) {
            text.append(text.isEmpty() ? "" : ", ").append("%.2f".formatted(value));
        }
        return text.toString();
    }

    /// The mean over the seeds of the sharpness, by width and look.
    private static double[][] looks(Trial trial, int[] widths, int steps, boolean maximal) {
        double[][] sharpness = new double[widths.length][LOOKS];
        for (int i = 0; i < widths.length; i++) {
            for (long seed : trial.each()) {
                double[] looks = new Run(widths[i], maximal, new RandomStream(seed)).looks(steps);
                for (int look = 0; look < LOOKS; look++) {
                    sharpness[i][look] += looks[look] / trial.seeds();
                }
            }
            trial.say((maximal ? "maximal updates, width " : "standard, width ") + widths[i]);
        }
        return sharpness;
    }

    /// A fresh network of some width and its examples.
    private static final class Run {

        private final Sequential network;
        private final Supplier<Tensor> loss;
        private final SequencedMap<String, Double> factors = new LinkedHashMap<>();
        private final RandomStream random;

        Run(int width, boolean maximal, RandomStream random) {
            this.random = random;
            Examples examples = Examples.taught(random.split("teacher"), random.split("learn"), 64, SIZES, 0);
            network = network(width, random);
            loss = () -> CrossEntropy.crossEntropy(network.apply(examples.x()), examples.labels());
            network.parameters().keySet().forEach(path -> factors.put(path, 1.0));
            if (maximal) {
                MaximalUpdate update = new MaximalUpdate(network, network(BASE, random));
                update.rescale();
                factors.putAll(update.rateFactors(MaximalUpdate.Steps.PROPORTIONAL));
            }
        }

        private static Sequential network(int width, RandomStream random) {
            return new Perceptron(SIZES.features(), width, 2, SIZES.classes())
                    .make(Initializer.heNormal(), Tensor::tanh, random.split("network"));
        }

        private Descent descent() {
            List<ParameterGroup> groups = new ArrayList<>();
            network.parameters()
                    .forEach((path, parameter) -> groups.add(
                            new ParameterGroup(new LinkedHashMap<>(Map.of(path, parameter)), factors.get(path), 1)));
            return new Descent(
                    loss, new Sgd(new Constant(RATE), new Constant(0), 0, false, new Constant(0)).over(groups));
        }

        /// The sharpness at equal distances along a run.
        double[] looks(int steps) {
            Descent descent = descent();
            List<Parameter> parameters = List.copyOf(network.parameters().values());
            StabilityMonitor monitor = new StabilityMonitor(
                    new Curvature(loss, parameters, List.copyOf(factors.values())), 8, 1, random.split("monitor"));
            for (int look = 0; look < LOOKS; look++) {
                monitor.look((long) look * steps, RATE);
                for (int step = 0; step < steps; step++) {
                    descent.step();
                }
            }
            return monitor.points().stream()
                    .mapToDouble(StabilityMonitor.Point::sharpness)
                    .toArray();
        }
    }

    private static Chart chart(int[] widths, double[][] maximal, double[][] standard) {
        double[] at = Arrays.stream(widths).asDoubleStream().toArray();
        return new Chart(
                "Sharpness at the first step",
                "width",
                Chart.Scale.FROM_ZERO,
                true,
                List.of(
                        new Series("maximal updates", at, first(maximal), Series.Style.MARKED),
                        new Series("standard", at, first(standard), Series.Style.MARKED)));
    }

    private static double[] first(double[][] sharpness) {
        return Arrays.stream(sharpness).mapToDouble(of -> of[0]).toArray();
    }
}
