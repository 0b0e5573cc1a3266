package org.lehr.engine.papers.study;

import java.util.List;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.optim.recipe.Sgd;
import org.lehr.engine.papers.Examples;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Learner;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Cosine;
import org.lehr.engine.schedule.Decay;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.Shaped;
import org.lehr.engine.schedule.Step;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Chen et al. 2022: the REX profile, which stays above the line and falls at the end, is over budgets from very short
/// to full at least as good as linear, cosine and step schedules.
///
/// A network with one hidden layer learns the classes of a random network, within a budget of 10, 30 and 100 % of the
/// steps. Each schedule has the best of some peaks for each budget, as in the paper, by the loss on fresh data. Beside
/// ranks, which say little with few settings, the study looks at the mean of the losses over the lowest of each budget.
public final class BudgetedRex implements Study {

    private static final Examples.Sizes SIZES = new Examples.Sizes(16, 16, 8);
    private static final int WIDTH = 32;
    private static final int BATCH = 16;
    private static final List<Double> SHARES = List.of(0.1, 0.3, 1.0);
    private static final double[] PEAKS = {0.05, 0.1, 0.2, 0.4};
    private static final double[] FEW_PEAKS = {0.1, 0.2};
    private static final List<String> NAMES = List.of("REX", "linear", "cosine", "steps", "constant");

    /// A study without settings.
    public BudgetedRex() {}

    @Override
    public Claim claim() {
        return Claim.of(
                210,
                "Over budgets from short to full, the REX schedule is at least as good as linear, cosine and step schedules",
                "loss on fresh data over the lowest of the same budget, mean over budgets of 10, 30 and 100 % of the steps,"
                        + " each at its best peak: at most 1.02 of linear, cosine and steps; of the whole budget at most 0.98 of constant");
    }

    private static Schedule schedule(int kind, double peak, int steps) {
        return switch (kind) {
            case 0 -> new Shaped(peak, 0, steps, Decay.REX);
            case 1 -> new Shaped(peak, 0, steps, Decay.LINEAR);
            case 2 -> new Cosine(peak, 0, steps);
            case 3 -> new Step(peak, 0.1, steps / 3 + 1);
            default -> new Constant(peak);
        };
    }

    @Override
    public Findings run(Trial trial) {
        int full = trial.pick(2000, 160);
        double[][] quality = new double[NAMES.size()][trial.seeds()];
        double[][][] losses = new double[NAMES.size()][SHARES.size()][trial.seeds()];
        for (long seed : trial.each()) {
            int at = (int) seed - 1;
            Task task = Task.of(new RandomStream(seed));
            for (int budget = 0; budget < SHARES.size(); budget++) {
                int steps = (int) Math.round(SHARES.get(budget) * full);
                double lowest = Double.POSITIVE_INFINITY;
                for (int kind = 0; kind < NAMES.size(); kind++) {
                    int tried = kind == 0 && !trial.method() ? NAMES.size() - 1 : kind;
                    losses[kind][budget][at] = best(tried, steps, task, trial.quick() ? FEW_PEAKS : PEAKS);
                    lowest = Math.min(lowest, losses[kind][budget][at]);
                }
                for (int kind = 0; kind < NAMES.size(); kind++) {
                    quality[kind][at] += losses[kind][budget][at] / lowest / SHARES.size();
                }
            }
            trial.say("seed " + seed);
        }
        Findings.Builder findings =
                Findings.table("schedule", "10 % of the steps", "30 %", "100 %", "loss over the lowest");
        for (int kind = 0; kind < NAMES.size(); kind++) {
            findings.row(
                    NAMES.get(kind),
                    new Sample(losses[kind][0]),
                    new Sample(losses[kind][1]),
                    new Sample(losses[kind][2]),
                    new Sample(quality[kind]));
        }
        Sample rex = new Sample(quality[0]);
        for (int kind = 1; kind <= 3; kind++) {
            findings.atMost(
                    "REX beside " + NAMES.get(kind),
                    rex.over(new Sample(quality[kind])).mean(),
                    1.02);
        }
        findings.atMost(
                "REX beside constant, 100 %",
                new Sample(losses[0][2]).over(new Sample(losses[4][2])).mean(), 0.98);
        return findings.build();
    }

    private static double best(int kind, int steps, Task task, double... peaks) {
        double lowest = Double.POSITIVE_INFINITY;
        for (double peak : peaks) {
            lowest = Math.min(lowest, task.loss(schedule(kind, peak, steps), steps));
        }
        return lowest;
    }

    private record Task(Examples examples, Examples fresh, RandomStream random) {

        static Task of(RandomStream random) {
            RandomStream teacher = random.split("teacher");
            return new Task(
                    Examples.taught(teacher, random.split("learn"), 4096, SIZES, 0.1),
                    Examples.taught(teacher, random.split("fresh"), 2048, SIZES, 0.1),
                    random);
        }

        double loss(Schedule rate, int steps) {
            Layer network = new Sequential(
                    new Linear(SIZES.features(), WIDTH, true, random.split("hidden")),
                    Sequential.of(Tensor::relu),
                    new Linear(WIDTH, SIZES.classes(), true, random.split("out")));
            Sgd recipe = new Sgd(rate, new Constant(0.9), 0, false, new Constant(0));
            Learner learner = new Learner(network, examples, BATCH, recipe, random.split("order"));
            learner.learn(steps);
            return learner.lossOf(fresh);
        }
    }
}
