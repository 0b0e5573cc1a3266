package org.lehr.engine.papers.study;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleFunction;
import org.lehr.engine.nn.Dropout;
import org.lehr.engine.nn.Layer;
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
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.control.AutoLrs;
import org.lehr.engine.schedule.predict.ExponentialForecast;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.kernels.DType;

/// Jin et al. 2021 (AutoLRS): a rate for each stage, searched by short tries that are rolled back and whose losses are
/// extrapolated, serves as well as a schedule that was tuned by whole runs.
///
/// A small language model learns in stages, each twice as long as the one before; batches are always fresh, so their
/// losses stand for the validation losses of the paper. Steps of tries do not count. Beside it are five fixed rates and
/// cosines from the three upper ones. That a search leaves no trace is checked on a model with dropout. Without the
/// method
/// the rate of the first search is kept, and a forecast is the last loss. The times of the paper, of networks of many
/// millions of parameters, are not part of this study.
public final class SearchedRates implements Study {

    private static final double[] FIXED = {0.0003, 0.001, 0.003, 0.01, 0.03};
    private static final double[] PEAKS = {0.003, 0.01, 0.03};
    private static final int FORECASTS = 20;

    /// A study without settings.
    public SearchedRates() {}

    @Override
    public Claim claim() {
        return Claim.of(
                191,
                "Rates searched stage by stage, by short tries from a saved state with forecast losses, serve as well as"
                        + " a tuned schedule",
                "final loss over that of the best of five fixed rates: at most 1; over that of the best of three"
                        + " cosines: at most 1.02; the last rate over the first: at most 0.5; training after a search is"
                        + " that without, bit for bit; mean error of a forecast at ten times its length: at most 0.05");
    }

    @Override
    public Findings run(Trial trial) {
        int stage = trial.pick(100, 40);
        int stages = trial.pick(4, 3);
        Sample errors = trial.sample(seed -> error(trial.method(), new RandomStream(seed).split("forecast")));
        List<Sample> found = trial.samples(seed -> {
            Runs runs = new Runs(new RandomStream(seed), stage, stages);
            double[] rates = new double[stages];
            double searched = runs.searched(trial.method(), rates);
            trial.say("rates " + Arrays.toString(rates));
            return new double[] {
                searched,
                runs.least(FIXED, Constant::new),
                runs.least(PEAKS, rate -> new Cosine(rate, rate / 100, runs.steps)),
                rates[0],
                rates[stages - 1],
                runs.traces()
            };
        });
        return Findings.table("what", "value")
                .row("final loss, searched rates", found.get(0))
                .row("final loss, best fixed rate", found.get(1))
                .row("final loss, best cosine", found.get(2))
                .row("first rate", found.get(3))
                .row("last rate", found.get(4))
                .row("mean relative error of a forecast", errors)
                .atMost("loss over that of the best fixed rate", ratio(found, 0, 1), 1)
                .atMost("loss over that of the best cosine", ratio(found, 0, 2), 1.02)
                .atMost("last rate over the first", ratio(found, 4, 3), 0.5)
                .atMost("losses changed by a search", found.get(5).max(), 0)
                .atMost("mean relative error of a forecast", errors.mean(), 0.05)
                .build();
    }

    private static double ratio(List<Sample> found, int above, int below) {
        return found.get(above).over(found.get(below)).mean();
    }

    /// Of forecasts of `1 + 2·exp(−0.02t)` at 1000, from a hundred steps with noise.
    private static double error(boolean method, RandomStream random) {
        double sum = 0;
        for (int i = 0; i < FORECASTS; i++) {
            double[] losses = random.split(i).normal(DType.FLOAT64, 100).toDoubleArray();
            for (int t = 0; t < losses.length; t++) {
                losses[t] = loss(t) + 0.02 * losses[t];
            }
            double foretold = method ? ExponentialForecast.fit(losses).at(1000) : losses[losses.length - 1];
            sum += Math.abs(foretold / loss(1000) - 1) / FORECASTS;
        }
        return sum;
    }

    private static double loss(double t) {
        return 1 + 2 * Math.exp(-0.02 * t);
    }

    private static final class Runs {

        private final RandomStream random;
        private final Text text;
        private final Examples fresh;
        private final int stage;
        private final int steps;

        Runs(RandomStream random, int stage, int stages) {
            this.random = random;
            this.stage = stage;
            this.steps = stage * ((1 << stages) - 1);
            Language language = Language.of(random.split("language"));
            text = language.text(random.split("text"), 400_000);
            fresh = language.text(random.split("fresh"), 4096).all();
        }

        private Pretraining begin(Layer model) {
            RandomStream places = random.split("places");
            return new Pretraining(model, step -> text.some(places.split(step), 64));
        }

        private Pretraining begin() {
            return begin(Text.model(64, random.split("model")));
        }

        private AutoLrs search() {
            return new AutoLrs(new AutoLrs.Form(FIXED[0], FIXED[FIXED.length - 1], stage, steps, 10, 0.1, 1));
        }

        /// The final loss of a run with a searched rate in each stage; `rates` is told which.
        double searched(boolean method, double[] rates) {
            AutoLrs search = search();
            Pretraining run = begin();
            long end = 0;
            for (int i = 0; i < rates.length; i++) {
                end += stage << i;
                if (method || i == 0) {
                    search.search(run.trial());
                }
                rates[i] = search.value();
                run.follow(new Constant(rates[i]), end);
            }
            return run.lossOf(fresh);
        }

        /// The least final loss of whole runs.
        double least(double[] rates, DoubleFunction<Schedule> schedule) {
            return Arrays.stream(rates)
                    .map(rate -> {
                        Pretraining run = begin();
                        run.follow(schedule.apply(rate), steps);
                        return run.lossOf(fresh);
                    })
                    .min()
                    .orElseThrow();
        }

        /// How many of the losses after a search differ from those without it.
        long traces() {
            Schedule rate = new Constant(FIXED[2]);
            Pretraining searched = begin(dropping());
            Pretraining plain = begin(dropping());
            searched.follow(rate, 10);
            plain.follow(rate, 10);
            search().search(searched.trial());
            double[] here = searched.follow(rate, 40);
            double[] there = plain.follow(rate, 40);
            long differing = 0;
            for (int i = 0; i < here.length; i++) {
                differing += here[i] == there[i] ? 0 : 1;
            }
            return differing;
        }

        private Layer dropping() {
            return Text.model(64, new Dropout(0.1, random.split("dropout")), random.split("dropping"));
        }
    }
}
