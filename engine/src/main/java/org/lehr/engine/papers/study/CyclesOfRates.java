package org.lehr.engine.papers.study;

import java.util.Arrays;
import java.util.List;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.recipe.Sgd;
import org.lehr.engine.papers.Examples;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Learner;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.control.Dial;
import org.lehr.engine.schedule.control.RangeTest;
import org.lehr.engine.schedule.cycle.Cyclic;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.train.TrainerTrial;

/// Smith 2017: a rate that goes up and down between the bounds that a range test suggests needs no more steps to an
/// accuracy than the best of many fixed rates, and nobody has to search it.
///
/// A small classifier by SGD with momentum. The accuracy to be reached is a share of the highest that any of five fixed
/// rates ever shows. Without the method the rate stays in the middle between the bounds.
public final class CyclesOfRates implements Study {

    private static final double[] FIXED = {0.003, 0.01, 0.03, 0.1, 0.3};
    private static final Examples.Sizes SIZES = new Examples.Sizes(16, 32, 8);
    private static final int WIDTH = 64;
    private static final int HALF_CYCLE = 250;
    private static final double SHARE = 0.93;

    /// How many steps lie between two looks at the accuracy.
    private static final int LOOK = 25;

    /// A study without settings.
    public CyclesOfRates() {}

    @Override
    public Claim claim() {
        return Claim.of(
                221,
                "A rate that cycles between the bounds of a range test reaches an accuracy in no more steps than the best"
                        + " fixed rate",
                "steps to 0.93 of the highest accuracy of five fixed rates, beside the fastest of them: at most 1 at"
                        + " every seed");
    }

    @Override
    public Findings run(Trial trial) {
        int steps = trial.pick(2000, 1200);
        List<Sample> found = trial.samples(seed -> new Task(new RandomStream(seed), steps).found(trial.method()));
        Findings.Builder findings = Findings.table("rate", "steps to the accuracy", "highest accuracy");
        for (int i = 0; i < FIXED.length; i++) {
            findings.row(FIXED[i], found.get(2 * i), found.get(2 * i + 1));
        }
        int cycles = 2 * FIXED.length;
        return findings.row("between bounds", found.get(cycles), found.get(cycles + 1))
                .row("low bound", found.get(cycles + 2), "")
                .row("high bound", found.get(cycles + 3), "")
                .atMost("steps beside the fastest fixed rate", found.getLast().max(), 1)
                .build();
    }

    /// What is to be learned.
    private static final class Task {

        private final RandomStream random;
        private final int steps;
        private final Examples examples;
        private final Examples fresh;

        Task(RandomStream random, int steps) {
            this.random = random;
            this.steps = steps;
            examples = Examples.taught(random.split("teacher"), random.split("learn"), 20_000, SIZES, 0);
            fresh = Examples.taught(random.split("teacher"), random.split("fresh"), 4096, SIZES, 0);
        }

        /// Steps and the highest accuracy of each fixed rate and of the cycles, the bounds, and the steps of
        /// the cycles
        /// beside the fewest of a fixed rate.
        double[] found(boolean method) {
            double[][] courses = new double[FIXED.length + 1][];
            double highest = 0;
            for (int i = 0; i < FIXED.length; i++) {
                courses[i] = accuracies(new Constant(FIXED[i]));
                highest = Math.max(highest, most(courses[i]));
            }
            RangeTest.Result bounds = bounds();
            courses[FIXED.length] = accuracies(
                    method
                            ? new Cyclic(bounds.low(), bounds.high(), HALF_CYCLE, HALF_CYCLE, 1, 1)
                            : new Constant((bounds.low() + bounds.high()) / 2));
            double[] found = new double[2 * courses.length + 3];
            double fewest = Double.POSITIVE_INFINITY;
            for (int i = 0; i < courses.length; i++) {
                found[2 * i] = reached(courses[i], SHARE * highest);
                found[2 * i + 1] = most(courses[i]);
                fewest = i < FIXED.length ? Math.min(fewest, found[2 * i]) : fewest;
            }
            int end = 2 * courses.length;
            found[end] = bounds.low();
            found[end + 1] = bounds.high();
            found[end + 2] = found[end - 2] / fewest;
            return found;
        }

        private static double most(double... accuracies) {
            return Arrays.stream(accuracies).max().orElseThrow();
        }

        /// After how many steps; one look more than there are where never.
        private static double reached(double[] accuracies, double wanted) {
            int look = 0;
            while (look < accuracies.length && accuracies[look] < wanted) {
                look++;
            }
            return LOOK * (look + 1.0);
        }

        private double[] accuracies(Schedule rate) {
            Learner learner = learner(rate);
            double[] accuracies = new double[steps / LOOK];
            for (int i = 0; i < accuracies.length; i++) {
                learner.learn(LOOK);
                accuracies[i] = learner.accuracy(fresh);
            }
            return accuracies;
        }

        private RangeTest.Result bounds() {
            Dial rate = new Dial(0);
            Learner learner = learner(rate.schedule());
            return new RangeTest(0.001, 1, steps / 2, false).run(new TrainerTrial(learner.trainer(), rate));
        }

        private Learner learner(Schedule rate) {
            Layer network = new Sequential(
                    new Linear(SIZES.features(), WIDTH, true, random.split("hidden")),
                    Sequential.of(Tensor::relu),
                    new Linear(WIDTH, SIZES.classes(), true, random.split("out")));
            Recipe sgd = new Sgd(rate, new Constant(0.9), 0, false, new Constant(0));
            return new Learner(network, examples, 32, sgd, random.split("order"));
        }
    }
}
