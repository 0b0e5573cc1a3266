package org.lehr.engine.papers.study;

import java.util.Arrays;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.nn.norm.BatchNorm;
import org.lehr.engine.optim.recipe.Sgd;
import org.lehr.engine.papers.Examples;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Learner;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Decay;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.control.Dial;
import org.lehr.engine.schedule.control.RangeTest;
import org.lehr.engine.schedule.cycle.OneCycle;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.train.TrainerTrial;
import org.lehr.kernels.DType;

/// Smith 2018: a range test finds the largest useful rate, and one cycle up to it, with momentum the other way, reaches
/// in half of the steps what a constant small rate reaches in all.
///
/// A network with batch normalisation learns the classes of a random network. The peak is the upper bound of the range
/// test; the small rate is where the cycle begins, a 25th of the peak. What is reached is the loss on fresh data. A
/// constant rate of a tenth of the peak, which nobody knows before, stands beside in the table: the cycle needs more
/// than half of its steps. The bound of the range test is held to theory as well: on a quadratic with curvatures up to
/// `h` and noisy gradients, steps above `2/h` diverge, so it must be below, but not far.
public final class SuperConvergence implements Study {

    private static final Examples.Sizes SIZES = new Examples.Sizes(16, 16, 8);
    private static final int WIDTH = 32;
    private static final int BATCH = 16;

    /// A study without settings.
    public SuperConvergence() {}

    @Override
    public Claim claim() {
        return Claim.of(
                205,
                "One cycle of the rate up to the bound of a range test, with momentum the other way, needs at most half of"
                        + " the steps of a constant small rate",
                "loss on fresh data of one cycle in half of the steps at most 0.97 of that of a constant rate of a 25th of"
                        + " the peak in all; bound of the range test on a noisy quadratic from 0.1 to 1 of 2/h");
    }

    @Override
    public Findings run(Trial trial) {
        int steps = trial.pick(3000, 400);
        double[][] values = new double[5][trial.seeds()];
        for (long seed : trial.each()) {
            int at = (int) seed - 1;
            Task task = Task.of(new RandomStream(seed));
            double peak = task.bound();
            double low = peak / 25;
            int half = steps / 2;
            int rise = half * 45 / 100;
            OneCycle cycle = new OneCycle(low, peak, low / 100, rise, rise, half - 2 * rise, Decay.LINEAR);
            values[0][at] = peak;
            values[1][at] = trial.method()
                    ? task.loss(cycle, cycle.momentum(0.85, 0.95), half)
                    : task.loss(new Constant(low), new Constant(0.9), half);
            values[2][at] = task.loss(new Constant(low), new Constant(0.9), half);
            values[3][at] = task.loss(new Constant(low), new Constant(0.9), steps);
            values[4][at] = task.loss(new Constant(peak / 10), new Constant(0.9), steps);
            trial.say("seed " + seed + ": peak " + peak);
        }
        Sample cycle = new Sample(values[1]);
        Sample bound = trial.sample(seed -> quadraticBound(new RandomStream(seed)) * 5 / 2);
        return Findings.table("run", "loss on fresh data")
                .row("one cycle, half of the steps", cycle)
                .row("constant small rate, half of the steps", new Sample(values[2]))
                .row("constant small rate, all steps", new Sample(values[3]))
                .row("(constant rate of a tenth of the peak, all steps)", new Sample(values[4]))
                .row("(peak of the cycle)", new Sample(values[0]))
                .row("(bound of the range test on a quadratic, times h/2)", bound)
                .atMost(
                        "one cycle beside constant",
                        cycle.over(new Sample(values[3])).mean(),
                        0.97)
                .atMost("bound of the range test times h/2", bound.max(), 1)
                .atLeast("bound of the range test times h/2", bound.min(), 0.1)
                .build();
    }

    /// With curvatures 0.1, 0.2, … 5.
    private static double quadraticBound(RandomStream random) {
        double[] point = new double[50];
        Arrays.fill(point, 1);
        return new RangeTest(0.001, 1, 200, false)
                .run(new Descent(point, random))
                .high();
    }

    /// Steps on a quadratic; the noise of gradients has a deviation of 0.1.
    private record Descent(double[] point, RandomStream random) implements org.lehr.engine.schedule.control.Trial {

        @Override
        public double step(double rate) {
            double[] noise = random.normal(DType.FLOAT64, point.length).toDoubleArray();
            double loss = 0;
            for (int i = 0; i < point.length; i++) {
                double curvature = (i + 1) * 0.1;
                point[i] -= rate * (curvature * point[i] + 0.1 * noise[i]);
                loss += 0.5 * curvature * point[i] * point[i];
            }
            return loss;
        }

        @Override
        public Saved save() {
            double[] kept = point.clone();
            RandomStream.State place = random.state();
            return new Saved() {
                @Override
                public void restore() {
                    System.arraycopy(kept, 0, point, 0, kept.length);
                    random.restore(place);
                }

                @Override
                public void close() {
                    // Arrays need no closing.
                }
            };
        }
    }

    private record Task(Examples examples, Examples fresh, RandomStream random) {

        static Task of(RandomStream random) {
            RandomStream teacher = random.split("teacher");
            return new Task(
                    Examples.taught(teacher, random.split("learn"), 32768, SIZES, 0),
                    Examples.taught(teacher, random.split("fresh"), 4096, SIZES, 0),
                    random);
        }

        private Learner learner(Schedule rate, Schedule momentum) {
            Layer network = new Sequential(
                    new Linear(SIZES.features(), WIDTH, true, random.split("hidden")),
                    new BatchNorm(WIDTH),
                    Sequential.of(Tensor::relu),
                    new Linear(WIDTH, SIZES.classes(), true, random.split("out")));
            Sgd recipe = new Sgd(rate, momentum, 0, false, new Constant(0));
            return new Learner(network, examples, BATCH, recipe, random.split("order"));
        }

        double bound() {
            Dial dial = new Dial(1e-3);
            Learner learner = learner(dial.schedule(), new Constant(0.9));
            return new RangeTest(1e-3, 10, 150, true)
                    .run(new TrainerTrial(learner.trainer(), dial))
                    .high();
        }

        double loss(Schedule rate, Schedule momentum, int steps) {
            Learner learner = learner(rate, momentum);
            learner.learn(steps);
            return learner.lossOf(fresh);
        }
    }
}
