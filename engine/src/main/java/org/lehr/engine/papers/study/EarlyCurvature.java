package org.lehr.engine.papers.study;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.lehr.engine.analysis.Curvature;
import org.lehr.engine.analysis.StabilityMonitor;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Layer;
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
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.WarmUp;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.engine.train.run.Chart;
import org.lehr.engine.train.run.Series;

/// Gilmer et al. 2022: training with a large rate `η` succeeds when its early steps leave the places whose curvature is
/// above `2/η`; a warm-up does that for a network that begins badly.
///
/// A deep perceptron without norms, whose weights begin 1.5 times as large as they should, descends along the whole
/// loss. The rate is 32 over the curvature at the beginning: at 4 over it, the cross-entropy, whose gradient is
/// bounded,
/// still lets it escape by itself. A warm-up of 100 steps is enough for that, one of 50 is not.
public final class EarlyCurvature implements Study {

    private static final Examples.Sizes SIZES = new Examples.Sizes(16, 16, 8);
    private static final Perceptron NETWORK = new Perceptron(16, 32, 4, 8);
    private static final double TIMES = 32;
    private static final int STEPS = 200;
    private static final int LOOKS = 8;

    /// A study without settings.
    public EarlyCurvature() {}

    @Override
    public Claim claim() {
        return Claim.of(
                220,
                "A network that begins with a curvature far above 2/η is not trained by the rate η, and is after a warm-up,"
                        + " during which the curvature falls below 2/η and stays there",
                "median over the seeds, rate 32 over the first curvature: the loss without warm-up ends at least 10 times as"
                        + " high; without it ηλ/2 is above 1 at half of the looks in the second half at least, with it at none; there λ is at"
                        + " most a quarter of that at the beginning");
    }

    /// @param loss mean of the steps after the last look
    /// @param edges `ηλ/2` at each look
    /// @param fall the curvature after the warm-up over that at the beginning
    private record Outcome(double loss, double[] edges, double fall) {

        /// The share of the looks in the second half where descent is not stable.
        double unstable() {
            int count = 0;
            for (int i = LOOKS / 2; i < LOOKS; i++) {
                count += edges[i] > 1 ? 1 : 0;
            }
            return count / (LOOKS - LOOKS / 2.0);
        }
    }

    @Override
    public Findings run(Trial trial) {
        Findings.Builder findings = Findings.table(
                "rate times first curvature",
                "warm-up",
                "loss at the end",
                "curvature half-way over the first",
                "looks above 2/η, second half");
        if (!trial.quick()) {
            compare(trial, 4, findings);
            compare(trial, 16, findings);
        }
        Pair pair = compare(trial, TIMES, findings);
        return findings.atLeast(
                        "loss without warm-up beside that with",
                        sample(pair.cold, Outcome::loss)
                                .over(sample(pair.warm, Outcome::loss))
                                .median(),
                        10)
                .atLeast(
                        "looks above 2/η without warm-up",
                        sample(pair.cold, Outcome::unstable).median(),
                        0.5)
                .atMost(
                        "looks above 2/η with warm-up",
                        sample(pair.warm, Outcome::unstable).median(),
                        0)
                .atMost(
                        "curvature after the warm-up over the first",
                        sample(pair.warm, Outcome::fall).median(),
                        0.25)
                .chart(chart(pair.warm.getFirst(), pair.cold.getFirst()))
                .build();
    }

    /// Runs of each seed with a warm-up and without.
    private record Pair(List<Outcome> warm, List<Outcome> cold) {}

    private static Pair compare(Trial trial, double times, Findings.Builder findings) {
        Pair pair = new Pair(new ArrayList<>(), new ArrayList<>());
        for (long seed : trial.each()) {
            pair.warm.add(train(trial.method() ? STEPS / 2 : 0, times, new RandomStream(seed)));
            pair.cold.add(train(0, times, new RandomStream(seed)));
            trial.say("times " + times + ", seed " + seed);
        }
        row(findings, times, "half", pair.warm);
        row(findings, times, "none", pair.cold);
        return pair;
    }

    private static void row(Findings.Builder findings, double times, String warmUp, List<Outcome> outcomes) {
        findings.row(
                times,
                warmUp,
                sample(outcomes, Outcome::loss),
                sample(outcomes, Outcome::fall),
                sample(outcomes, Outcome::unstable));
    }

    private static Sample sample(List<Outcome> outcomes, ToDoubleFunction<Outcome> of) {
        return new Sample(outcomes.stream().mapToDouble(of).toArray());
    }

    private static Outcome train(int warmUp, double times, RandomStream random) {
        Examples examples = Examples.taught(random.split("teacher"), random.split("learn"), 128, SIZES, 0);
        Initializer large = Initializer.normal(1.5 * Math.sqrt(2.0 / NETWORK.width()));
        Layer network = NETWORK.make(large, Tensor::tanh, random.split("network"));
        Supplier<Tensor> loss = () -> CrossEntropy.crossEntropy(network.apply(examples.x()), examples.labels());
        Curvature curvature =
                new Curvature(loss, List.copyOf(network.parameters().values()));
        StabilityMonitor monitor = new StabilityMonitor(curvature, 8, 1, random.split("monitor"));
        double first = curvature.topEigenvalue(12, random.split("first"));
        Schedule full = new Constant(times / first);
        Schedule rate = warmUp == 0 ? full : new WarmUp(warmUp, full);
        Descent descent = new Descent(
                loss,
                new Sgd(rate, new Constant(0), 0, false, new Constant(0)).over(List.of(ParameterGroup.all(network))));
        double sum = 0;
        for (int step = 0; step < STEPS; step++) {
            if (step % (STEPS / LOOKS) == 0) {
                monitor.look(step, rate.at(step));
            }
            double now = descent.step();
            sum += step >= STEPS - STEPS / LOOKS ? now : 0;
        }
        List<StabilityMonitor.Point> points = monitor.points();
        return new Outcome(
                sum / (STEPS / LOOKS),
                points.stream().mapToDouble(StabilityMonitor.Point::edge).toArray(),
                points.get(LOOKS / 2).sharpness() / first);
    }

    private static Chart chart(Outcome warm, Outcome cold) {
        double[] at = new double[LOOKS];
        for (int i = 0; i < LOOKS; i++) {
            at[i] = i * (double) STEPS / LOOKS;
        }
        return new Chart(
                "ηλ/2, seed 1",
                "step",
                Chart.Scale.LINEAR,
                true,
                List.of(
                        new Series("with warm-up", at, warm.edges, Series.Style.MARKED),
                        new Series("constant", at, cold.edges, Series.Style.MARKED)));
    }
}
