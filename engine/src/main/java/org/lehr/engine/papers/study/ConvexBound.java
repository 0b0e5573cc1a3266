package org.lehr.engine.papers.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Decay;
import org.lehr.engine.schedule.Linear;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.Wsd;
import org.lehr.engine.schedule.predict.ScheduleBound;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.train.run.Chart;
import org.lehr.engine.train.run.Series;
import org.lehr.kernels.DType;

/// Schaipp et al. 2025: the bound of convex theory on the last iterate behaves as the loss of large models does. With
/// a rate that is held and then falls it drops suddenly in the cooldown, which a constant rate never shows, and it says
/// by which factor a tuned rate changes between schedules.
///
/// The large models of the paper are replaced by its own small example of the same effect, subgradient descent on
/// `f(x) = maxᵢ |aᵢ·(x − x*)|`. The bound itself is held to the numbers that its formula has for unit distance and
/// unit norms. A rate tuned with linear decay is carried over to the schedule with a cooldown; the loss there is
/// compared with the best that a search over rates finds.
public final class ConvexBound implements Study {

    private static final int STEPS = 400;
    private static final int COOLDOWN = STEPS / 5;
    private static final int DIMENSION = 20;

    /// A study without settings.
    public ConvexBound() {}

    @Override
    public Claim claim() {
        return Claim.of(
                218,
                "The bound of convex theory shows the sudden fall of the loss in a cooldown, and how to carry a tuned rate"
                        + " over to another schedule",
                "bound·√T at T = 10000 for a held rate with a cooldown 2.16 ± 0.02; loss of a non-smooth problem over the"
                        + " cooldown at most 0.5, of the same steps of a constant rate at least 0.8; loss with the rate"
                        + " carried over from linear decay at most 1.25 of the best of a search");
    }

    private static Schedule cooled(Trial trial, int steps) {
        return trial.method() ? new Wsd(1, 0, 0, steps - steps / 5, steps / 5, Decay.LINEAR) : new Constant(1);
    }

    @Override
    public Findings run(Trial trial) {
        Schedule constant = new Constant(1);
        Schedule linear = new Linear(1, 0, STEPS);
        Schedule cooled = cooled(trial, STEPS);
        ScheduleBound bound = ScheduleBound.of(cooled, STEPS, 1, 1);
        ScheduleBound ofLinear = ScheduleBound.of(linear, STEPS, 1, 1);
        int problems = trial.pick(40, 8);
        double[] fall = new double[trial.seeds()];
        double[] level = new double[trial.seeds()];
        double[] carried = new double[trial.seeds()];
        double[] naive = new double[trial.seeds()];
        for (long seed : trial.each()) {
            int at = (int) seed - 1;
            List<NonSmooth> each = problems(new RandomStream(seed), problems);
            double[] tuned = losses(each, cooled, bound.bestRate());
            double[] flat = losses(each, constant, bound.bestRate());
            fall[at] = tuned[STEPS] / tuned[STEPS - COOLDOWN];
            level[at] = mean(flat, STEPS - COOLDOWN / 2, STEPS) / mean(flat, STEPS - COOLDOWN, STEPS - COOLDOWN / 2);
            double best = best(each, linear);
            double own = losses(each, cooled, best(each, cooled))[STEPS];
            carried[at] = losses(each, cooled, ofLinear.transfer(best, bound))[STEPS] / own;
            naive[at] = losses(each, cooled, best)[STEPS] / own;
            trial.say("seed " + seed);
        }
        double unit =
                100 * ScheduleBound.of(cooled(trial, 10_000), 10_000, 1, 1).best();
        return Findings.table("what", "value")
                .row("bound·√T with a cooldown, T = 10000", unit)
                .row(
                        "bound·√T constant",
                        100 * ScheduleBound.of(constant, 10_000, 1, 1).best())
                .row(
                        "bound·√T linear",
                        100
                                * ScheduleBound.of(new Linear(1, 0, 10_000), 10_000, 1, 1)
                                        .best())
                .row("loss at the end over that before the cooldown", new Sample(fall))
                .row("the same of a constant rate", new Sample(level))
                .row("loss with the carried rate over the best", new Sample(carried))
                .row("loss with the rate not changed over the best", new Sample(naive))
                .near("bound·√T with a cooldown", unit, 2.16, 0.02)
                .atMost("fall in the cooldown", new Sample(fall).max(), 0.5)
                .atLeast("fall with a constant rate", new Sample(level).min(), 0.8)
                .atMost("carried rate beside the best", new Sample(carried).mean(), 1.25)
                .chart(chart(cooled, bound))
                .build();
    }

    private static Chart chart(Schedule cooled, ScheduleBound bound) {
        double[] x = new double[STEPS];
        Arrays.setAll(x, i -> i + 1);
        double[] measured =
                Arrays.copyOfRange(losses(problems(new RandomStream(1), 8), cooled, bound.bestRate()), 1, STEPS + 1);
        double[] promised = ScheduleBound.curve(
                cooled,
                bound.bestRate(),
                Arrays.stream(x).mapToInt(s -> (int) s).toArray(),
                new ScheduleBound.Problem(1, 1));
        return new Chart(
                "Loss and bound with a cooldown",
                "step",
                Chart.Scale.LOGARITHMIC,
                false,
                List.of(
                        new Series("loss", x, measured, Series.Style.LINE),
                        new Series("bound", x, promised, Series.Style.LINE)));
    }

    private static List<NonSmooth> problems(RandomStream random, int count) {
        List<NonSmooth> problems = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            problems.add(NonSmooth.draw(random.split(i)));
        }
        return problems;
    }

    /// The mean losses at the beginning and after each step.
    private static double[] losses(List<NonSmooth> problems, Schedule shape, double rate) {
        double[] sum = new double[STEPS + 1];
        for (NonSmooth problem : problems) {
            double[] losses = problem.descend(shape, rate);
            for (int i = 0; i <= STEPS; i++) {
                sum[i] += losses[i] / problems.size();
            }
        }
        return sum;
    }

    private static double mean(double[] values, int from, int to) {
        return Arrays.stream(values, from, to).average().orElseThrow();
    }

    /// The rate with the lowest last loss.
    private static double best(List<NonSmooth> problems, Schedule shape) {
        double best = 0;
        double lowest = Double.POSITIVE_INFINITY;
        for (int i = -6; i <= 10; i++) {
            double rate = Math.pow(2, i / 2.0) / Math.sqrt(STEPS);
            double loss = losses(problems, shape, rate)[STEPS];
            if (loss < lowest) {
                lowest = loss;
                best = rate;
            }
        }
        return best;
    }

    /// Distance 1 from the start to the solution, rows of length 1: D = G = 1.
    private record NonSmooth(double[][] rows, double[] solution) {

        static NonSmooth draw(RandomStream random) {
            double[][] rows = new double[2 * DIMENSION][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = unit(random.split("row").split(i));
            }
            return new NonSmooth(rows, unit(random.split("solution")));
        }

        private static double[] unit(RandomStream random) {
            double[] v = random.normal(DType.FLOAT64, DIMENSION).toDoubleArray();
            double length = Math.sqrt(Arrays.stream(v).map(x -> x * x).sum());
            return Arrays.stream(v).map(x -> x / length).toArray();
        }

        double[] descend(Schedule shape, double rate) {
            double[] off = Arrays.stream(solution).map(x -> -x).toArray();
            double[] losses = new double[STEPS + 1];
            for (int step = 0; step <= STEPS; step++) {
                double largest = 0;
                int active = 0;
                for (int i = 0; i < rows.length; i++) {
                    double value = dot(rows[i], off);
                    if (Math.abs(value) > Math.abs(largest)) {
                        largest = value;
                        active = i;
                    }
                }
                losses[step] = Math.abs(largest);
                double factor = rate * shape.at(step) * Math.signum(largest);
                for (int i = 0; i < DIMENSION; i++) {
                    off[i] -= factor * rows[active][i];
                }
            }
            return losses;
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
