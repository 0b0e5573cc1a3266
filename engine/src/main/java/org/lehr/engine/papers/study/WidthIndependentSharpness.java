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
/// the loss and with it the sharpness of all networks vanishes: the largest spread over the run counts.
public final class WidthIndependentSharpness implements Study {

    private static final Examples.Sizes SIZES = new Examples.Sizes(16, 16, 4);
    private static final int BASE = 64;
    private static final double RATE = 0.3;
    private static final int LOOKS = 4;
    private static final int LEAST_POWER = -1;
    private static final int RATES = 6;

    /// A study without settings.
    public WidthIndependentSharpness() {}

    @Override
    public Claim claim() {
        return Claim.of(
                286,
                "With maximal updates the sharpness along training, and with it the best rate, does not depend on the"
                        + " width; in the standard parametrisation both do",
                "mean over the seeds; quotient of the largest and the least sharpness of widths 64 to 512 (256 in short), at"
                        + " the look where it is largest: at most 1.4 with maximal updates, at least 2 in the standard"
                        + " parametrisation; the best of rates in powers of 2 moves by at most one power, and at least one"
                        + " (not asked in short), in this order");
    }

    /// @param sharpness by width and look
    /// @param powers of the best rates, by width
    private record Outcome(double[][] sharpness, double[] powers) {

        /// The largest over the looks of the spread over the widths.
        double spread() {
            double spread = 1;
            for (int look = 0; look < LOOKS; look++) {
                int at = look;
                double[] values =
                        Arrays.stream(sharpness).mapToDouble(of -> of[at]).toArray();
                spread = Math.max(spread, new Sample(values).max() / new Sample(values).min());
            }
            return spread;
        }

        double moved() {
            return new Sample(powers).max() - new Sample(powers).min();
        }
    }

    @Override
    public Findings run(Trial trial) {
        int[] widths = trial.quick() ? new int[] {BASE, 256} : new int[] {BASE, 128, 256, 512};
        int steps = trial.pick(40, 20);
        Outcome maximal = sweep(trial, widths, steps, trial.method());
        Outcome standard = sweep(trial, widths, steps, false);
        Findings.Builder findings = Findings.table(
                "width", "sharpness with maximal updates, at four steps", "standard", "best rates, log2");
        for (int i = 0; i < widths.length; i++) {
            findings.row(
                    widths[i],
                    text(maximal.sharpness[i]),
                    text(standard.sharpness[i]),
                    "%.1f and %.1f".formatted(maximal.powers[i], standard.powers[i]));
        }
        findings.atMost("spread of sharpness with maximal updates", maximal.spread(), 1.4)
                .atLeast("spread of sharpness, standard", standard.spread(), 2)
                .atMost("powers of 2 by which the best rate moves, maximal updates", maximal.moved(), 1);
        if (!trial.quick()) {
            findings.atLeast("the same, standard", standard.moved(), 1);
        }
        return findings.chart(chart(widths, maximal, standard)).build();
    }

    private static String text(double... values) {
        StringBuilder text = new StringBuilder();
        for (double value : values) {
            text.append(text.isEmpty() ? "" : ", ").append("%.2f".formatted(value));
        }
        return text.toString();
    }

    private static Outcome sweep(Trial trial, int[] widths, int steps, boolean maximal) {
        double[][] sharpness = new double[widths.length][LOOKS];
        double[] powers = new double[widths.length];
        for (int i = 0; i < widths.length; i++) {
            double[] losses = new double[RATES];
            for (long seed : trial.each()) {
                RandomStream random = new RandomStream(seed);
                double[] looks = new Run(widths[i], maximal, random).looks(steps);
                for (int look = 0; look < LOOKS; look++) {
                    sharpness[i][look] += looks[look] / trial.seeds();
                }
                for (int j = 0; j < RATES; j++) {
                    losses[j] += new Run(widths[i], maximal, random).loss(Math.pow(2, LEAST_POWER + j), steps);
                }
            }
            powers[i] = LEAST_POWER + least(losses);
            trial.say((maximal ? "maximal updates, width " : "standard, width ") + widths[i]);
        }
        return new Outcome(sharpness, powers);
    }

    private static int least(double... values) {
        int least = 0;
        for (int i = 1; i < values.length; i++) {
            least = values[i] < values[least] ? i : least;
        }
        return least;
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

        private Descent descent(double rate) {
            List<ParameterGroup> groups = new ArrayList<>();
            network.parameters()
                    .forEach((path, parameter) -> groups.add(
                            new ParameterGroup(new LinkedHashMap<>(Map.of(path, parameter)), factors.get(path), 1)));
            return new Descent(
                    loss, new Sgd(new Constant(rate), new Constant(0), 0, false, new Constant(0)).over(groups));
        }

        /// The loss after some steps; that before them where it was lower, as after divergence.
        double loss(double rate, int steps) {
            Descent descent = descent(rate);
            double first = descent.step();
            double last = first;
            for (int step = 1; step <= steps; step++) {
                last = descent.step();
            }
            return last < first ? last : first;
        }

        /// The sharpness at equal distances along a run.
        double[] looks(int steps) {
            Descent descent = descent(RATE);
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

    private static Chart chart(int[] widths, Outcome maximal, Outcome standard) {
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

    private static double[] first(Outcome outcome) {
        return Arrays.stream(outcome.sharpness).mapToDouble(of -> of[0]).toArray();
    }
}
