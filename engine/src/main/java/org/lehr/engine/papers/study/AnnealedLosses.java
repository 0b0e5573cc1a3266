package org.lehr.engine.papers.study;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.lehr.engine.papers.Examples;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Language;
import org.lehr.engine.papers.Pretraining;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Text;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Cosine;
import org.lehr.engine.schedule.Decay;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.Wsd;
import org.lehr.engine.schedule.predict.AnnealingFit;
import org.lehr.engine.schedule.predict.AnnealingLaw;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.train.run.Chart;
import org.lehr.engine.train.run.Series;

/// Tissue, Wang, Wang 2024: with one term for how far a run came and one for how much its rate was lowered, the losses
/// of a run or two tell those of any other schedule, step by step.
///
/// The law is fitted to runs with a constant rate and a cosine, and foretells one that holds its rate and lowers it
/// over
/// the last fifth. Without the method the same law has no term for the annealing.
public final class AnnealedLosses implements Study {

    private static final double PEAK = 0.005;
    private static final int WARM_UP = 50;

    /// A study without settings.
    public AnnealedLosses() {}

    @Override
    public Claim claim() {
        return Claim.of(
                119,
                "A law fitted to the losses of one or two schedules foretells those of another at every step",
                "fitted to a constant rate and a cosine, the mean relative error for a stable stage and a decay is at most"
                        + " 0.01, in the decay too; the foretold gain of the decay is 0.5 to 2 times the true one");
    }

    @Override
    public Findings run(Trial trial) {
        int steps = trial.pick(3000, 800);
        double[][] courses = new double[3][];
        List<Sample> found = trial.samples(seed -> {
            Runs runs = new Runs(new RandomStream(seed), steps);
            AnnealingLaw law = runs.law(trial.method());
            double[] foretold = law.predict(runs.held, steps);
            double[] losses = runs.losses(runs.held);
            courses[0] = Arrays.stream(runs.looks).asDoubleStream().toArray();
            courses[1] = losses;
            courses[2] =
                    Arrays.stream(runs.looks).mapToDouble(s -> foretold[s - 1]).toArray();
            return runs.figures(law, courses[1], courses[2]);
        });
        return Findings.table("what", "value")
                .row("mean relative error", found.get(0))
                .row("mean relative error in the decay", found.get(1))
                .row("gain of the decay", found.get(2))
                .row("foretold gain of the decay", found.get(3))
                .row("exponent", found.get(4))
                .row("memory of an annealing", found.get(5))
                .chart(new Chart(
                        "Loss of a stable stage and a decay",
                        "step",
                        Chart.Scale.LINEAR,
                        true,
                        List.of(
                                new Series("measured", courses[0], courses[1], Series.Style.LINE),
                                new Series("foretold", courses[0], courses[2], Series.Style.LINE))))
                .atMost("mean relative error", found.get(0).mean(), 0.01)
                .atMost("mean relative error in the decay", found.get(1).mean(), 0.01)
                .atLeast("foretold gain over the true one", gain(found), 0.5)
                .atMost("foretold gain over the true one", gain(found), 2)
                .build();
    }

    private static double gain(List<Sample> found) {
        return found.get(3).mean() / found.get(2).mean();
    }

    private static final class Runs {

        private final RandomStream random;
        private final Text text;
        private final Examples fresh;
        private final Schedule constant;
        private final Schedule cosine;
        private final Schedule held;
        private final int decay;
        private final int[] looks;

        Runs(RandomStream random, int steps) {
            this.random = random;
            Language language = Language.of(random.split("language"));
            text = language.text(random.split("text"), 400_000);
            fresh = language.text(random.split("fresh"), 4096).all();
            decay = steps / 5;
            constant = new Constant(PEAK).warmUp(WARM_UP);
            cosine = new Cosine(PEAK, PEAK / 10, steps - WARM_UP).warmUp(WARM_UP);
            held = new Wsd(PEAK, PEAK / 100, WARM_UP, steps - decay - WARM_UP, decay, Decay.LINEAR);
            int every = steps / 40;
            looks = IntStream.rangeClosed(1, 40)
                    .map(i -> i * every)
                    .filter(step -> step >= 2 * WARM_UP)
                    .toArray();
        }

        AnnealingLaw law(boolean annealing) {
            AnnealingLaw law = AnnealingFit.DEFAULT.fit(List.of(
                    new AnnealingFit.Curve(constant, looks, losses(constant)),
                    new AnnealingFit.Curve(cosine, looks, losses(cosine))));
            return annealing ? law : new AnnealingLaw(law.floor(), law.amplitude(), 0, law.exponent(), law.memory());
        }

        double[] losses(Schedule schedule) {
            RandomStream places = random.split("places");
            Pretraining run =
                    new Pretraining(Text.model(64, random.split("model")), step -> text.some(places.split(step), 64));
            return Arrays.stream(looks)
                    .mapToDouble(look -> {
                        run.follow(schedule, look);
                        return run.lossOf(fresh);
                    })
                    .toArray();
        }

        /// Errors over all and in the decay, gains of the decay measured and foretold, exponent, memory.
        double[] figures(AnnealingLaw law, double[] measured, double[] foretold) {
            int last = looks.length - 1;
            double all = 0;
            double late = 0;
            int first = 0;
            for (int i = 0; i <= last; i++) {
                double error = Math.abs(foretold[i] / measured[i] - 1);
                boolean before = looks[i] <= looks[last] - decay;
                first = before ? i + 1 : first;
                all += error / looks.length;
                late += before ? 0 : error;
            }
            // A single loss at a full rate is noisy.
            double[] held = new double[2];
            for (int i = first - 4; i < first; i++) {
                held[0] += measured[i] / 4;
                held[1] += foretold[i] / 4;
            }
            return new double[] {
                all,
                late / (last + 1 - first),
                held[0] - measured[last],
                held[1] - foretold[last],
                law.exponent(),
                law.memory()
            };
        }
    }
}
