package org.lehr.engine.papers.study;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.lehr.engine.nn.transformer.NormPlacement;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.recipe.AdaMod;
import org.lehr.engine.optim.recipe.Adam;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Reader;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Cosine;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Minimum;
import org.lehr.engine.train.run.Chart;
import org.lehr.engine.train.run.Series;

/// Ding et al. 2019: unexpectedly large rates of single elements keep Adam from learning well; bounded by their own
/// running mean (AdaMod), rates begin small by themselves, and no warm-up is needed.
///
/// A decoder with norms behind its parts reads made-up text at a rate that is high from the first step on and falls
/// like a cosine, with both. Rates
/// of elements are read off the moments.
public final class BoundedStart implements Study {

    private static final Reader.Sizes SIZES = new Reader.Sizes(4, 32, NormPlacement.POST);
    private static final double RATE = 0.03;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;
    private static final int EARLY = 50;

    /// A study without settings.
    public BoundedStart() {}

    @Override
    public Claim claim() {
        return Claim.of(
                266,
                "Rates that are at most their own running mean keep the first steps short, so that a transformer learns"
                        + " without warm-up at rates at which Adam does not",
                "a decoder with norms behind its parts at a rate that falls from 0.03: largest rate of an element in the"
                        + " first 50 steps at least 10 times smaller than with Adam, loss in the end at most 0.9 of Adam's, at every"
                        + " seed");
    }

    /// The losses, and the largest rate of an element in each of the early steps.
    private record Run(double[] losses, double[] rates) {

        double largest() {
            return Arrays.stream(rates).max().orElseThrow();
        }
    }

    @Override
    public Findings run(Trial trial) {
        int steps = trial.pick(1000, 240);
        Schedule rate = new Cosine(RATE, 0, steps);
        Schedule beta1 = new Constant(0.9);
        Schedule beta2 = new Constant(BETA2);
        Recipe adam = new Adam(rate, beta1, beta2, EPSILON, new Constant(0), false);
        Recipe bounded = new AdaMod(rate, beta1, beta2, new Constant(0.999), EPSILON, new Constant(0));
        List<Run> plain = runs(trial, adam, steps);
        List<Run> tried = runs(trial, trial.method() ? bounded : adam, steps);
        Sample largest = largest(plain);
        Sample largestBounded = largest(tried);
        Sample end = ends(plain);
        Sample endBounded = ends(tried);
        return Findings.table("optimizer", "largest rate in an early step", "loss in the end")
                .row("Adam", largest, end)
                .row("AdaMod", largestBounded, endBounded)
                .atLeast(
                        "largest early rate of Adam beside AdaMod's",
                        largest.over(largestBounded).min(),
                        10)
                .atMost("loss of AdaMod beside Adam's", endBounded.over(end).max(), 0.9)
                .chart(Chart.overSteps(
                        "Largest rate of an element",
                        Chart.Scale.LOGARITHMIC,
                        Series.perStep("Adam", plain.getFirst().rates),
                        Series.perStep("AdaMod", tried.getFirst().rates)))
                .chart(Chart.overSteps(
                        "Loss",
                        Chart.Scale.LINEAR,
                        Series.perStep("Adam", plain.getFirst().losses),
                        Series.perStep("AdaMod", tried.getFirst().losses)))
                .build();
    }

    private static Sample largest(List<Run> runs) {
        return new Sample(runs.stream().mapToDouble(Run::largest).toArray());
    }

    private static Sample ends(List<Run> runs) {
        return new Sample(
                runs.stream().mapToDouble(run -> Reader.end(run.losses)).toArray());
    }

    private static List<Run> runs(Trial trial, Recipe recipe, int steps) {
        List<Run> runs = trial.each().stream()
                .map(seed -> run(recipe, steps, new RandomStream(seed)))
                .toList();
        trial.say(recipe.getClass().getSimpleName());
        return runs;
    }

    private static Run run(Recipe recipe, int steps, RandomStream random) {
        Reader reader = Reader.of(SIZES, recipe, random);
        double[] losses = new double[steps];
        double[] rates = new double[EARLY];
        for (int step = 0; step < EARLY; step++) {
            Optimizer optimizer = reader.trainer().optimizer();
            double now = optimizer.rate();
            losses[step] = reader.learn(1)[0];
            rates[step] = largestRate(optimizer, now);
        }
        System.arraycopy(reader.learn(steps - EARLY), 0, losses, EARLY, steps - EARLY);
        return new Run(losses, rates);
    }

    /// The largest rate of an element in the last step, from the moments that the optimizer keeps, and for AdaMod
    /// the
    /// running mean of the rate.
    private static double largestRate(Optimizer optimizer, double now) {
        Map<String, Tensor> state = optimizer.state();
        double correction = 1 - Math.pow(BETA2, optimizer.steps());
        double largest = 0;
        for (String path : optimizer.groups().getFirst().parameters().keySet()) {
            Tensor root = state.get("exp_avg_sq/" + path).div(correction).sqrt().add(EPSILON);
            Tensor rate = root.fullLike(now).div(root);
            Tensor bound = state.get("exp_avg_lr/" + path);
            largest = Math.max(
                    largest,
                    (bound == null ? rate : Minimum.minimum(rate, bound)).max().item());
        }
        return largest;
    }
}
