package org.lehr.engine.papers.study;

import java.util.Arrays;
import org.apache.commons.math3.stat.StatUtils;
import org.lehr.engine.nn.transformer.NormPlacement;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.recipe.Adam;
import org.lehr.engine.optim.recipe.RAdam;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Reader;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.papers.Vector;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.train.run.Chart;
import org.lehr.engine.train.run.Series;
import org.lehr.kernels.DType;

/// Liu et al. 2020: the adaptive rate of Adam has a very large variance in its first steps, and warm-up helps because
/// it
/// keeps those short. RAdam scales each step so that this variance is what it is in the end, and needs no warm-up.
///
/// The variance is measured over thousands of elements with normal gradients, from how far each moves. Then a decoder
/// with norms behind its parts reads at a high rate. The rectification follows an estimate that is too careful for the
/// shortest histories, so that the variance there may be smaller than in the end.
public final class EarlyVariance implements Study {

    private static final Reader.Sizes SIZES = new Reader.Sizes(4, 32, NormPlacement.POST);
    private static final double RATE = 0.03;
    private static final double BETA2 = 0.999;
    private static final int[] SHOWN = {5, 6, 10, 30, 100, 300, 1000};

    /// A study without settings.
    public EarlyVariance() {}

    @Override
    public Claim claim() {
        return Claim.of(
                297,
                "Adam's adaptive rate varies wildly in the first steps; rectified by rₜ it does not, and learning without"
                        + " warm-up goes well at rates at which Adam stalls",
                "variance of the adaptive rate over its limit, from step 6 to 1000: Adam at least 100 at first, RAdam always"
                        + " between 0.3 and 1.5, adaptive from step 5 on; a decoder with norms behind its parts at rate"
                        + " 0.03: loss of RAdam at most 0.9 of Adam's, at every seed");
    }

    private static Recipe adam(double rate, double beta1) {
        return new Adam(new Constant(rate), new Constant(beta1), new Constant(BETA2), 1e-8, new Constant(0), false);
    }

    private static Recipe tried(Trial trial, double rate, double beta1) {
        return trial.method()
                ? new RAdam(new Constant(rate), new Constant(beta1), new Constant(BETA2), 1e-8, 4, new Constant(0))
                : adam(rate, beta1);
    }

    @Override
    public Findings run(Trial trial) {
        int elements = trial.pick(10_000, 1000);
        double[][] plain = variances(trial, adam(1, 0), elements);
        double[][] rectified = variances(trial, tried(trial, 1, 0), elements);
        trial.say("variances");
        Findings.Builder findings = Findings.table("", "Adam", "RAdam");
        for (int step : SHOWN) {
            findings.row("variance over its limit, step " + step, at(step, plain), at(step, rectified));
        }
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        int first = Integer.MAX_VALUE;
        for (double[] variances : rectified) {
            least = Math.min(least, Arrays.stream(variances).skip(5).min().orElseThrow());
            most = Math.max(most, Arrays.stream(variances).skip(5).max().orElseThrow());
            first = Math.min(first, adaptive(variances));
        }
        int steps = trial.pick(1500, 240);
        double[][] stalled = losses(trial, adam(RATE, 0.9), steps);
        double[][] read = losses(trial, tried(trial, RATE, 0.9), steps);
        Sample own = ends(read);
        Sample other = ends(stalled);
        return findings.row("loss in the end", other, own)
                .atLeast("least variance of Adam at step 6", at(6, plain).min(), 100)
                .atLeast("least variance of RAdam from step 6 on", least, 0.3)
                .atMost("largest variance of RAdam from step 6 on", most, 1.5)
                .near("first step at which RAdam is adaptive", first, 5, 0)
                .atMost("loss of RAdam beside Adam's", own.over(other).max(), 0.9)
                .chart(Chart.overSteps(
                        "Variance of the adaptive rate over its limit",
                        Chart.Scale.LOGARITHMIC,
                        Series.perStep("Adam", plain[0]),
                        Series.perStep("RAdam", rectified[0])))
                .chart(Chart.overSteps(
                        "Loss at rate " + RATE,
                        Chart.Scale.LINEAR,
                        Series.perStep("Adam", stalled[0]),
                        Series.perStep("RAdam", read[0])))
                .build();
    }

    private static Sample at(int step, double[]... variances) {
        return new Sample(
                Arrays.stream(variances).mapToDouble(each -> each[step - 1]).toArray());
    }

    /// The first step at which elements differ in their rates.
    private static int adaptive(double... variances) {
        int step = 1;
        while (variances[step - 1] < 1e-3) {
            step++;
        }
        return step;
    }

    /// For each seed the variance at each step, over the limit `ρ∞/(2(ρ∞ − 2)(ρ∞ − 4))`.
    private static double[][] variances(Trial trial, Recipe recipe, int elements) {
        double all = 2 / (1 - BETA2) - 1;
        double limit = all / (2 * (all - 2) * (all - 4));
        return trial.each().stream()
                .map(seed -> variances(recipe, elements, new RandomStream(seed), limit))
                .toArray(double[][]::new);
    }

    private static double[] variances(Recipe recipe, int elements, RandomStream random, double limit) {
        // In float64, where no draw is 0, so that every quotient exists.
        Vector vector = new Vector(Tensor.full(0, Device.cpu(), DType.FLOAT64, elements), recipe);
        double[] variances = new double[SHOWN[SHOWN.length - 1]];
        for (int step = 0; step < variances.length; step++) {
            Tensor g = random.split(step).normal(DType.FLOAT64, elements);
            double[] rates = vector.step(g);
            double[] slopes = g.toDoubleArray();
            for (int i = 0; i < elements; i++) {
                rates[i] /= slopes[i];
            }
            variances[step] = StatUtils.variance(rates) / limit;
        }
        return variances;
    }

    private static double[][] losses(Trial trial, Recipe recipe, int steps) {
        double[][] losses = trial.each().stream()
                .map(seed -> Reader.of(SIZES, recipe, new RandomStream(seed)).learn(steps))
                .toArray(double[][]::new);
        trial.say("losses of " + recipe.getClass().getSimpleName());
        return losses;
    }

    private static Sample ends(double[]... losses) {
        return new Sample(Arrays.stream(losses).mapToDouble(Reader::end).toArray());
    }
}
