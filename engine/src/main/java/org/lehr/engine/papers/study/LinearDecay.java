package org.lehr.engine.papers.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.LongStream;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Cosine;
import org.lehr.engine.schedule.Linear;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.Step;
import org.lehr.engine.schedule.predict.GradientNorms;
import org.lehr.engine.schedule.predict.Refinement;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.train.run.Chart;
import org.lehr.engine.train.run.Series;
import org.lehr.kernels.DType;

/// Defazio et al. 2023: a rate that falls along a line to 0 is as good as or better than the usual schedules, and a
/// schedule refined from the gradient norms of a first run is no worse.
///
/// Of the paper's problems this takes logistic regression, with labels of which a tenth is wrong. Each schedule has
/// the best of eight peaks, as in the paper; losses are compared above the minimum, which gradient descent on all
/// examples finds.
///
/// Steps see 16 examples. With one alone, whose gradients are mostly tiny and sometimes large, weights of `G⁻²` differ
/// by orders of magnitude, and the refined schedule ended with several times the loss above the minimum.
public final class LinearDecay implements Study {

    private static final int FEATURES = 20;
    private static final int EXAMPLES = 400;
    private static final int BATCH = 16;

    /// A study without settings.
    public LinearDecay() {}

    @Override
    public Claim claim() {
        return Claim.of(
                91,
                "Linear decay to 0 matches or beats cosine, steps and a constant rate; refined from gradient norms it is no"
                        + " worse",
                "logistic regression, each schedule at its best peak of eight: training loss above the minimum with linear"
                        + " decay at most 1.05 of cosine and steps and 0.7 of constant, refined at most 1.2 of linear, which is the noise between seeds");
    }

    /// The mean loss above the minimum at the best peak, and that peak.
    private record Best(double excess, double peak) {}

    @Override
    public Findings run(Trial trial) {
        int steps = trial.pick(2000, 1000);
        int runs = trial.pick(16, 4);
        double[][] excess = new double[5][trial.seeds()];
        Schedule shown = null;
        for (long seed : trial.each()) {
            int at = (int) seed - 1;
            Regression problem = Regression.draw(new RandomStream(seed));
            Best linear =
                    problem.best(peak -> trial.method() ? new Linear(peak, 0, steps) : new Constant(peak), steps, runs);
            GradientNorms norms = new GradientNorms();
            problem.descend(new Linear(linear.peak, 0, steps), steps, problem.random.split("recorded"), norms);
            Schedule refined = Refinement.DEFAULT.schedule(norms.l2(), 1);
            excess[0][at] = linear.excess;
            excess[1][at] = problem.best(refined::scale, steps, runs).excess;
            excess[2][at] = problem.best(peak -> new Cosine(peak, 0, steps), steps, runs).excess;
            excess[3][at] = problem.best(peak -> new Step(peak, 0.1, steps / 3 + 1), steps, runs).excess;
            excess[4][at] = problem.best(Constant::new, steps, runs).excess;
            shown = shown == null ? refined : shown;
            trial.say("seed " + seed);
        }
        List<String> names = List.of("linear", "refined", "cosine", "steps", "constant");
        Findings.Builder findings = Findings.table("schedule", "loss above the minimum");
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            samples.add(new Sample(excess[i]));
            findings.row(names.get(i), samples.get(i));
        }
        Sample linear = samples.getFirst();
        double[] x = new double[200];
        Arrays.setAll(x, i -> i / 199.0);
        return findings.atMost("linear over cosine", linear.over(samples.get(2)).mean(), 1.05)
                .atMost("linear over steps", linear.over(samples.get(3)).mean(), 1.05)
                .atMost("linear over constant", linear.over(samples.get(4)).mean(), 0.7)
                .atMost("refined over linear", samples.get(1).over(linear).mean(), 1.2)
                .chart(new Chart(
                        "The refined schedule",
                        "share of the run",
                        Chart.Scale.LINEAR,
                        false,
                        List.of(new Series("refined", x, shown.sample(steps, x.length), Series.Style.LINE))))
                .build();
    }

    private record Regression(double[][] x, double[] y, RandomStream random, double minimum) {

        static Regression draw(RandomStream random) {
            double[] truth =
                    random.split("truth").normal(DType.FLOAT64, FEATURES).toDoubleArray();
            double[] flips =
                    random.split("flips").uniform(DType.FLOAT64, EXAMPLES).toDoubleArray();
            double[][] x = new double[EXAMPLES][];
            double[] y = new double[EXAMPLES];
            for (int i = 0; i < EXAMPLES; i++) {
                x[i] = random.split("x")
                        .split(i)
                        .normal(DType.FLOAT64, FEATURES)
                        .toDoubleArray();
                y[i] = Math.signum(dot(x[i], truth)) * (flips[i] < 0.1 ? -1 : 1);
            }
            Regression open = new Regression(x, y, random, 0);
            return new Regression(x, y, random, open.loss(open.solution()));
        }

        /// Gradient descent with a step below twice the inverse of the curvature, until nothing changes.
        private double[] solution() {
            double[] w = new double[FEATURES];
            long[] all = LongStream.range(0, EXAMPLES).toArray();
            for (int step = 0; step < 3000; step++) {
                double[] gradient = gradient(w, all);
                for (int j = 0; j < FEATURES; j++) {
                    w[j] -= 2 * gradient[j];
                }
            }
            return w;
        }

        /// The derivative of the loss of an example by its score.
        private double slope(double[] w, int example) {
            return -y[example] / (1 + Math.exp(y[example] * dot(x[example], w)));
        }

        private double loss(double... w) {
            double sum = 0;
            for (int i = 0; i < EXAMPLES; i++) {
                sum += Math.log1p(Math.exp(-y[i] * dot(x[i], w))) / EXAMPLES;
            }
            return sum;
        }

        Best best(DoubleFunction<Schedule> family, int steps, int runs) {
            Best best = null;
            for (int power = -4; power <= 3; power++) {
                double peak = Math.pow(2, power);
                Schedule rate = family.apply(peak);
                double sum = 0;
                for (int run = 0; run < runs; run++) {
                    sum += loss(descend(rate, steps, random.split("run").split(run), new GradientNorms()));
                }
                double excess = sum / runs - minimum;
                best = best == null || excess < best.excess ? new Best(excess, peak) : best;
            }
            return best;
        }

        /// Steps of `BATCH` examples each.
        double[] descend(Schedule rate, int steps, RandomStream random, GradientNorms norms) {
            double[] w = new double[FEATURES];
            long[] picks = random.integers(EXAMPLES, (long) steps * BATCH).toLongArray();
            for (int step = 0; step < steps; step++) {
                double[] gradient = gradient(w, Arrays.copyOfRange(picks, step * BATCH, (step + 1) * BATCH));
                double l1 = 0;
                double l2 = 0;
                for (int j = 0; j < FEATURES; j++) {
                    l1 += Math.abs(gradient[j]);
                    l2 += gradient[j] * gradient[j];
                    w[j] -= rate.at(step) * gradient[j];
                }
                norms.observe(Math.sqrt(l2), l1);
            }
            return w;
        }

        /// The mean over some examples.
        private double[] gradient(double[] w, long... examples) {
            double[] gradient = new double[FEATURES];
            for (long example : examples) {
                double slope = slope(w, (int) example) / examples.length;
                for (int j = 0; j < FEATURES; j++) {
                    gradient[j] += slope * x[(int) example][j];
                }
            }
            return gradient;
        }

        private static double dot(double[] a, double[] b) {
            double sum = 0;
            for (int i = 0; i < a.length; i++) {
                sum += a[i] * b[i];
            }
            return sum;
        }
    }
}
