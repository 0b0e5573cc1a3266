package org.lehr.engine.papers.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.lehr.engine.analysis.Curvature;
import org.lehr.engine.analysis.MaximalRate;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.recipe.Sgd;
import org.lehr.engine.papers.Descent;
import org.lehr.engine.papers.Examples;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Perceptron;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.engine.train.run.Chart;
import org.lehr.engine.train.run.Series;

/// Iyer, Hanin, Rolnick 2023: the largest rate with which a fresh perceptron learns falls as a power of depth times
/// width,
/// when it is much wider than deep and its first layer has a small rate; it is not the `2/λ` of the curvature at the
/// beginning.
///
/// Learning means 80 % accuracy after 20 steps of descent with examples of four classes. At these widths depth counts
/// for
/// somewhat more than width: the power is that of the common fit.
public final class DepthTimesWidth implements Study {

    private static final Examples.Sizes SIZES = new Examples.Sizes(16, 4, 4);
    private static final int STEPS = 20;
    private static final double FIRST_LAYER = 0.1;

    /// A study without settings.
    public DepthTimesWidth() {}

    @Override
    public Claim claim() {
        return Claim.of(
                225,
                "The largest rate η* with which a fresh deep network learns falls as a power of depth times width, and is"
                        + " not the 2/λ of its curvature",
                "perceptrons of 4 to 8 layers, 128 to 512 wide (64 to 256 in short), mean over the seeds of log η*: slope"
                        + " over the log of depth times width −0.7 ± 0.35 with R² at least 0.6 (0.3 in short); η*λ at least 8 everywhere,"
                        + " and it varies by a factor of at least 1.5");
    }

    @Override
    public Findings run(Trial trial) {
        int[] depths = trial.quick() ? new int[] {4, 8} : new int[] {4, 6, 8};
        int[] widths = trial.quick() ? new int[] {64, 256} : new int[] {128, 256, 512};
        Findings.Builder findings = Findings.table("layers", "width", "η*", "η*·λ");
        SimpleRegression fit = new SimpleRegression();
        double[] products = new double[depths.length * widths.length];
        List<Series> series = new ArrayList<>();
        int at = 0;
        for (int depth : depths) {
            double[] rates = new double[widths.length];
            for (int i = 0; i < widths.length; i++) {
                int width = widths[i];
                double[] sharpness = new double[trial.seeds()];
                Sample rate = trial.sample(seed -> {
                    Fresh fresh = new Fresh(depth, width, new RandomStream(seed));
                    sharpness[(int) seed - 1] = fresh.sharpness();
                    return trial.method()
                            ? new MaximalRate(0.01, 2, trial.pick(3, 2)).of(fresh::learns)
                            : 2 / fresh.sharpness();
                });
                double[] values = rate.values();
                double log = 0;
                double product = 0;
                for (int j = 0; j < values.length; j++) {
                    log += Math.log(values[j]) / values.length;
                    product += Math.log(values[j] * sharpness[j]) / values.length;
                }
                fit.addData(Math.log(depth * width), log);
                rates[i] = Math.exp(log);
                products[at++] = Math.exp(product);
                findings.row(depth, width, rate, Math.exp(product));
                trial.say(depth + " layers, width " + width);
            }
            series.add(new Series(
                    depth + " layers", Arrays.stream(widths).asDoubleStream().toArray(), rates, Series.Style.MARKED));
        }
        Sample all = new Sample(products);
        return findings.near("slope over depth times width", fit.getSlope(), -0.7, 0.35)
                .atLeast("R² of the power", fit.getRSquare(), trial.quick() ? 0.3 : 0.6)
                .atLeast("least η*λ", all.min(), 8)
                .atLeast("largest η*λ over the least", all.max() / all.min(), 1.5)
                .chart(new Chart("η*, mean over the seeds", "width", Chart.Scale.LOGARITHMIC, true, series))
                .build();
    }

    /// Networks that begin alike.
    ///
    /// @param depth maps, one more than hidden layers
    private record Fresh(int depth, int width, RandomStream random) {

        private Examples examples() {
            return Examples.taught(random.split("teacher"), random.split("learn"), 32, SIZES, 0);
        }

        private Sequential network() {
            return new Perceptron(SIZES.features(), width, depth - 1, SIZES.classes())
                    .make(Initializer.heNormal(), Tensor::relu, random.split("network"));
        }

        private static Supplier<Tensor> loss(Sequential network, Examples examples) {
            return () -> CrossEntropy.crossEntropy(network.apply(examples.x()), examples.labels());
        }

        double sharpness() {
            Sequential network = network();
            return new Curvature(
                            loss(network, examples()),
                            List.copyOf(network.parameters().values()))
                    .topEigenvalue(8, random.split("start"));
        }

        boolean learns(double rate) {
            Examples examples = examples();
            Sequential network = network();
            ParameterGroup first = ParameterGroup.where(network, (path, _) -> path.startsWith("0."))
                    .withRateFactor(FIRST_LAYER);
            ParameterGroup others = ParameterGroup.where(network, (path, _) -> !path.startsWith("0."));
            Descent descent = new Descent(
                    loss(network, examples),
                    new Sgd(new Constant(rate), new Constant(0), 0, false, new Constant(0))
                            .over(List.of(first, others)));
            for (int step = 0; step < STEPS; step++) {
                if (!Double.isFinite(descent.step())) {
                    return false;
                }
            }
            return examples.accuracy(network) >= 0.8;
        }
    }
}
