package org.lehr.engine.papers.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.nn.norm.BatchNorm;
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
import org.lehr.engine.schedule.Step;
import org.lehr.engine.schedule.plan.BatchRegime;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.train.run.Chart;
import org.lehr.engine.train.run.Series;

/// Hoffer, Hubara, Soudry 2017: large batches generalise worse because they take fewer steps. With as many steps, a
/// rate
/// times the root of the quotient of the batches, and statistics over small ghost batches, the gap closes; the distance
/// of the weights from their beginning grows with the logarithm of the steps.
///
/// A network with a batch norm learns classes with some wrong labels, with batches of 32 and of 512. The small ones
/// see each example five times. Where they see it twenty times, the adapted training, which sees it sixteen times as
/// often,
/// learns the wrong labels by heart and wins back only a quarter of what large batches lose.
public final class LargeBatches implements Study {

    private static final Examples.Sizes SIZES = new Examples.Sizes(16, 16, 8);
    private static final int WIDTH = 64;
    private static final int EPOCHS = 5;
    private static final int SMALL = 32;
    private static final int LARGE = 512;
    private static final double RATE = 0.05;
    private static final int FIRST = 10;

    /// A study without settings.
    public LargeBatches() {}

    @Override
    public Claim claim() {
        return Claim.of(
                26,
                "Large batches generalise worse over the same epochs; with as many updates as small ones, a rate that grows"
                        + " with the root of the batch and ghost batches they do not",
                "accuracy on fresh data, mean over the seeds: batches of 512 lose at least 0.03 to those of 32 over the same"
                        + " five epochs, and at least 0.7 of that is won back by the adapted training; the distance of the weights"
                        + " from their beginning fits the log of the steps, from ten on, with R² at least 0.95");
    }

    /// @param accuracy on fresh data
    /// @param distances of the weights from their beginning, after 10, 20, 40, ... steps of the first rate; before,
    /// it is
    ///     the momentum that still grows
    private record Outcome(double accuracy, List<Double> distances) {}

    @Override
    public Findings run(Trial trial) {
        int steps = trial.pick(640, 320);
        int examples = steps * SMALL / EPOCHS;
        BatchRegime regime = new BatchRegime(SMALL, LARGE);
        Schedule rate = new Step(RATE, 0.1, steps / 2);
        int fewer = (int) (steps / regime.ratio());
        double[][] accuracy = new double[3][trial.seeds()];
        double[] fits = new double[trial.seeds()];
        List<Double> shown = List.of();
        for (long seed : trial.each()) {
            int at = (int) seed - 1;
            RandomStream random = new RandomStream(seed);
            Outcome small = train(rate, SMALL, steps, 0, examples, random);
            Outcome large = train(regime.sameEpochs(rate), LARGE, fewer, 0, examples, random);
            Outcome adapted =
                    trial.method() ? train(regime.squareRoot(rate), LARGE, steps, SMALL, examples, random) : large;
            accuracy[0][at] = small.accuracy;
            accuracy[1][at] = large.accuracy;
            accuracy[2][at] = adapted.accuracy;
            fits[at] = fit(small.distances);
            shown = small.distances;
            trial.say("seed " + seed);
        }
        Sample small = new Sample(accuracy[0]);
        Sample large = new Sample(accuracy[1]);
        Sample adapted = new Sample(accuracy[2]);
        double gap = small.minus(large).mean();
        return Findings.table("training", "batch", "updates", "accuracy on fresh data")
                .row("small", SMALL, steps, small)
                .row("large, same epochs", LARGE, fewer, large)
                .row("large, adapted", LARGE, trial.method() ? steps : fewer, adapted)
                .atLeast("accuracy that large batches lose", gap, 0.03)
                .atLeast("share of it won back", adapted.minus(large).mean() / gap, 0.7)
                .atLeast("R² of the distance over the log of the steps", new Sample(fits).median(), 0.95)
                .chart(new Chart(
                        "Distance of the weights from their beginning, last seed",
                        "doublings of the first ten steps",
                        Chart.Scale.FROM_ZERO,
                        true,
                        List.of(new Series(
                                "batches of 32",
                                IntStream.range(0, shown.size())
                                        .asDoubleStream()
                                        .toArray(),
                                shown.stream().mapToDouble(d -> d).toArray(),
                                Series.Style.MARKED))))
                .build();
    }

    private static double fit(List<Double> distances) {
        SimpleRegression regression = new SimpleRegression();
        for (int i = 0; i < distances.size(); i++) {
            regression.addData(i, distances.get(i));
        }
        return regression.getRSquare();
    }

    private static Outcome train(Schedule rate, int batch, int steps, int ghost, int examples, RandomStream random) {
        RandomStream teacher = random.split("teacher");
        Examples learn = Examples.taught(teacher, random.split("learn"), examples, SIZES, 0.1);
        Examples fresh = Examples.taught(teacher, random.split("fresh"), 2048, SIZES, 0);
        Layer network = new Sequential(
                new Linear(SIZES.features(), WIDTH, true, random.split("hidden")),
                new BatchNorm(WIDTH, new BatchNorm.Form(1e-5, 0.1, ghost)),
                Sequential.of(Tensor::relu),
                new Linear(WIDTH, SIZES.classes(), true, random.split("out")));
        Recipe sgd = new Sgd(rate, new Constant(0.9), 0, false, new Constant(0));
        Learner learner = new Learner(network, learn, batch, sgd, random.split("order"));
        double[] beginning = weights(network);
        List<Double> distances = new ArrayList<>();
        for (int step = 1; step <= steps; step++) {
            learner.learn(1);
            if (step % FIRST == 0 && Integer.bitCount(step / FIRST) == 1 && step <= steps / 2) {
                distances.add(distance(beginning, weights(network)));
            }
        }
        return new Outcome(learner.accuracy(fresh), distances);
    }

    private static double[] weights(Layer network) {
        return network.parameters().values().stream()
                .flatMapToDouble(parameter -> Arrays.stream(parameter.own().toDoubleArray()))
                .toArray();
    }

    private static double distance(double[] a, double... b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }
}
