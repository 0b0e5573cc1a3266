package org.lehr.engine.papers.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.recipe.Sgd;
import org.lehr.engine.optim.recipe.ZerothOrder;
import org.lehr.engine.papers.Examples;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Learner;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Feng et al. 2025 (ZeroFlow): learning one task after another needs no gradients; steps from losses alone keep what
/// was learned about as well.
///
/// First the estimate over many random directions is held beside the true gradient of a small network, then a linear
/// map
/// learns tasks in a row, each with features in another order, from a few directions for each step.
public final class ForwardPassesOnly implements Study {

    private static final Examples.Sizes SIZES = new Examples.Sizes(16, 8, 4);
    private static final int TASKS = 4;
    private static final int BATCH = 32;
    private static final double RATE = 0.1;

    /// A study without settings.
    public ForwardPassesOnly() {}

    @Override
    public Claim claim() {
        return Claim.of(
                323,
                "Forward passes alone suffice for learning one task after another",
                "cosine between the estimate over many directions and the gradient at least 0.95; four tasks in a row, no"
                        + " gradient ever computed: accuracy right after each task at most 0.1 and in the end at most 0.05"
                        + " below SGD's, accuracy forgotten at most 0.05 above");
    }

    private static Recipe sgd(double rate) {
        return new Sgd(new Constant(rate), new Constant(0), 0, false, new Constant(0));
    }

    private static Recipe forward(double rate, long queries) {
        return new ZerothOrder(new Constant(rate), new Constant(0.01), queries, "sgd", false, 1, new Constant(0), 0);
    }

    /// Accuracies after tasks in a row, in the mean over tasks, and the share of parameters that got a gradient.
    private record Row(double learned, double kept, double gradients) {}

    @Override
    public Findings run(Trial trial) {
        int queries = trial.pick(10_000, 2000);
        Sample cosine = trial.sample(seed -> cosine(queries, new RandomStream(seed)));
        trial.say("estimates");
        int steps = trial.pick(400, 100);
        List<Row> plain = rows(trial, sgd(RATE), steps);
        List<Row> tried = rows(trial, trial.method() ? forward(RATE, 8) : sgd(RATE), steps);
        Sample learned = sample(plain, Measure.LEARNED);
        Sample kept = sample(plain, Measure.KEPT);
        Sample ownLearned = sample(tried, Measure.LEARNED);
        Sample ownKept = sample(tried, Measure.KEPT);
        double forgotten = learned.minus(kept).mean();
        double ownForgotten = ownLearned.minus(ownKept).mean();
        return Findings.table("", "right after each task", "in the end", "forgotten")
                .row("SGD", learned, kept, forgotten)
                .row("losses alone", ownLearned, ownKept, ownForgotten)
                .atLeast("cosine of estimate and gradient", cosine.min(), 0.95)
                .atMost(
                        "share of parameters that got a gradient",
                        sample(tried, Measure.GRADIENTS).max(),
                        0)
                .atLeast(
                        "accuracy right after, beyond SGD's",
                        ownLearned.minus(learned).mean(),
                        -0.1)
                .atLeast(
                        "accuracy in the end, beyond SGD's", ownKept.minus(kept).mean(), -0.05)
                .atMost("accuracy forgotten, beyond SGD's", ownForgotten - forgotten, 0.05)
                .build();
    }

    private enum Measure {
        LEARNED,
        KEPT,
        GRADIENTS
    }

    private static Sample sample(List<Row> rows, Measure measure) {
        return new Sample(rows.stream()
                .mapToDouble(row -> switch (measure) {
                    case LEARNED -> row.learned;
                    case KEPT -> row.kept;
                    case GRADIENTS -> row.gradients;
                })
                .toArray());
    }

    private static List<Row> rows(Trial trial, Recipe recipe, int steps) {
        return trial.each().stream()
                .map(seed -> row(recipe, steps, new RandomStream(seed)))
                .toList();
    }

    private static Row row(Recipe recipe, int steps, RandomStream random) {
        Layer map = new Linear(SIZES.features(), SIZES.classes(), true, random.split("map"));
        List<Examples> tasks = new ArrayList<>();
        List<Examples> fresh = new ArrayList<>();
        for (int i = 0; i < TASKS; i++) {
            tasks.add(task(i, "learn", 2000, random));
            fresh.add(task(i, "fresh", 500, random));
        }
        RandomStream order = random.split("order");
        Learner learner = new Learner(
                map, step -> tasks.get(Math.toIntExact(step / steps)).draw(BATCH, order.split(step)), recipe);
        double learned = 0;
        for (Examples task : fresh) {
            learner.learn(steps);
            learned += learner.accuracy(task) / TASKS;
        }
        double kept = fresh.stream().mapToDouble(learner::accuracy).average().orElseThrow();
        double gradients = map.parameters().values().stream()
                .mapToDouble(parameter -> parameter.gradient() == null ? 0 : 1)
                .average()
                .orElseThrow();
        return new Row(learned, kept, gradients);
    }

    private static Examples task(int number, String part, int count, RandomStream random) {
        return Examples.taught(random.split("teacher"), random.split(part).split(number), count, SIZES, 0)
                .withFeaturesPermuted(random.split("features").split(number));
    }

    /// Of the angle between a step from losses and one along the gradient of the same batch.
    private static double cosine(int queries, RandomStream random) {
        double[] estimate = way(forward(1, queries), random);
        double[] gradient = way(sgd(1), random);
        double product = 0;
        for (int i = 0; i < gradient.length; i++) {
            product += estimate[i] * gradient[i];
        }
        return product / Math.sqrt(squares(estimate) * squares(gradient));
    }

    private static double squares(double... values) {
        return Arrays.stream(values).map(x -> x * x).sum();
    }

    /// How far one step of a small network takes each of its weights.
    private static double[] way(Recipe recipe, RandomStream random) {
        Layer network = new Sequential(
                new Linear(8, 8, true, random.split("hidden")),
                Sequential.of(Tensor::tanh),
                new Linear(8, 4, true, random.split("out")));
        Examples examples =
                Examples.taught(random.split("teacher"), random.split("examples"), 256, new Examples.Sizes(8, 8, 4), 0);
        double[] before = weights(network);
        new Learner(network, examples, 64, recipe, random.split("order")).learn(1);
        double[] after = weights(network);
        Arrays.setAll(after, i -> after[i] - before[i]);
        return after;
    }

    private static double[] weights(Layer network) {
        return network.parameters().values().stream()
                .map(Parameter::own)
                .flatMapToDouble(own -> Arrays.stream(own.toDoubleArray()))
                .toArray();
    }
}
