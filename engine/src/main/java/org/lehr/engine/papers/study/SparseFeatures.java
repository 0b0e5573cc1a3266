package org.lehr.engine.papers.study;

import java.util.Arrays;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.kernels.DType;

/// Andriushchenko et al. 2023: large steps of SGD, followed by small ones, find sparser solutions than small steps
/// alone.
/// In a diagonal linear network `y = x·(u∘v)` with fewer examples than features, from a start that favours dense
/// solutions, the noise of large steps shrinks what is not needed.
///
/// The steps are taken in plain arithmetic: the model is two vectors.
public final class SparseFeatures implements Study {

    private static final int FEATURES = 50;
    private static final int EXAMPLES = 30;
    private static final int TRUE_FEATURES = 3;
    private static final double SMALL = 0.01;

    /// A study without settings.
    public SparseFeatures() {}

    @Override
    public Claim claim() {
        return Claim.of(
                314,
                "Large steps of SGD followed by small ones find sparser solutions, which generalise better, than small"
                        + " steps of the same fit",
                "sparse regression with a diagonal linear network: test error and l1 norm of large-then-small steps at most"
                        + " 0.7 and 0.95 of those of small steps, training losses of both under 1e-3");
    }

    private record Outcome(double train, double test, double norm) {}

    @Override
    public Findings run(Trial trial) {
        int seeds = trial.seeds();
        double[][] large = new double[3][seeds];
        double[][] small = new double[3][seeds];
        int steps = trial.pick(400_000, 100_000);
        for (long seed : trial.each()) {
            Problem problem = new Problem(new RandomStream(seed));
            put(large, seed, problem.solve(trial.method() ? largest(problem) : SMALL, steps));
            put(small, seed, problem.solve(SMALL, steps));
            trial.say("seed " + seed);
        }
        Sample test = new Sample(large[1]).over(new Sample(small[1]));
        Sample norm = new Sample(large[2]).over(new Sample(small[2]));
        return Findings.table("steps", "training loss", "test error", "l1 norm")
                .row("large, then small", new Sample(large[0]), new Sample(large[1]), new Sample(large[2]))
                .row("small", new Sample(small[0]), new Sample(small[1]), new Sample(small[2]))
                .atMost("training loss, large then small", new Sample(large[0]).max(), 1e-3)
                .atMost("training loss, small", new Sample(small[0]).max(), 1e-3)
                .atMost("test error, ratio", test.median(), 0.7)
                .atMost("l1 norm, ratio", norm.median(), 0.95)
                .build();
    }

    private static void put(double[][] into, long seed, Outcome outcome) {
        into[0][(int) seed - 1] = outcome.train;
        into[1][(int) seed - 1] = outcome.test;
        into[2][(int) seed - 1] = outcome.norm;
    }

    /// The largest of a few step sizes with which half a run does not diverge.
    private static double largest(Problem problem) {
        for (double rate : new double[] {0.16, 0.14, 0.12, 0.1, 0.08, 0.06, 0.04}) {
            if (Double.isFinite(problem.solve(rate, 20_000).train)) {
                return rate;
            }
        }
        return SMALL;
    }

    private static final class Problem {

        private final double[][] x = new double[EXAMPLES][];
        private final double[] y = new double[EXAMPLES];
        private final double[] truth = new double[FEATURES];
        private final RandomStream random;

        Problem(RandomStream random) {
            this.random = random;
            for (int i = 0; i < TRUE_FEATURES; i++) {
                truth[i] = i % 2 == 0 ? 1 : -1;
            }
            for (int i = 0; i < EXAMPLES; i++) {
                x[i] = random.split("x")
                        .split(i)
                        .normal(DType.FLOAT64, FEATURES)
                        .toDoubleArray();
                y[i] = dot(x[i], truth);
            }
        }

        /// Half of the steps of size `rate`, the others small, one example each.
        Outcome solve(double rate, int steps) {
            double[] u = new double[FEATURES];
            double[] v = new double[FEATURES];
            Arrays.fill(u, 0.5);
            long[] picks = random.split("picks").integers(EXAMPLES, steps).toLongArray();
            for (int step = 0; step < steps; step++) {
                double now = step < steps / 2 ? rate : SMALL;
                double[] row = x[(int) picks[step]];
                double error = -y[(int) picks[step]];
                for (int i = 0; i < FEATURES; i++) {
                    error += row[i] * u[i] * v[i];
                }
                for (int i = 0; i < FEATURES; i++) {
                    double slope = now * error * row[i];
                    double before = u[i];
                    u[i] -= slope * v[i];
                    v[i] -= slope * before;
                }
            }
            double[] found = new double[FEATURES];
            double norm = 0;
            double test = 0;
            for (int i = 0; i < FEATURES; i++) {
                found[i] = u[i] * v[i];
                norm += Math.abs(found[i]);
                test += (found[i] - truth[i]) * (found[i] - truth[i]);
            }
            double train = 0;
            for (int i = 0; i < EXAMPLES; i++) {
                double error = dot(x[i], found) - y[i];
                train += error * error / (2 * EXAMPLES);
            }
            return new Outcome(train, test, norm);
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
