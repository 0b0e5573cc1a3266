package org.lehr.engine.papers.study;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lehr.engine.analysis.Curvature;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.nn.norm.BatchNorm;
import org.lehr.engine.nn.norm.BatchStatistics;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.recipe.Sgd;
import org.lehr.engine.optim.wrapper.Swa;
import org.lehr.engine.papers.Examples;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Learner;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Izmailov et al. 2018: the mean of the weights along SGD with a constant rate lies deeper and in a flatter place than
/// its last point; statistics of batch normalisation have to be measured again for it.
///
/// First on a quadratic with noisy gradients, where theory gives the gain of a mean of `N` points with correlation
/// `ρ = 1 − ηh` as `N(1 − ρ)/(1 + ρ)`. Then on a network with batch normalisation that learns classes: loss on fresh
/// data and the top eigenvalue of the Hessian, of the last point and of the mean, before and after the statistics were
/// measured again.
public final class WeightAveraging implements Study {

    private static final Examples.Sizes SIZES = new Examples.Sizes(16, 16, 8);
    private static final int WIDTH = 32;
    private static final int POINTS = 200;

    /// A study without settings.
    public WeightAveraging() {}

    @Override
    public Claim claim() {
        return Claim.of(
                203,
                "The mean of the weights along SGD with a constant rate has a lower loss and a smaller curvature than the"
                        + " last weights, once statistics of batch normalisation were measured again",
                "noisy quadratic: the gain is N(1 − ρ)/(1 + ρ) = 66.7 ± 20 %; network: loss on fresh data at most 0.95, top"
                        + " eigenvalue at most 0.9 of those of the last weights; accuracy without new statistics lower by"
                        + " at least 0.005");
    }

    private static Recipe averaged(Trial trial, Recipe sgd, int start) {
        return trial.method() ? new Swa(start, 1).around(sgd) : sgd;
    }

    private static Recipe sgd(double rate, double momentum) {
        return new Sgd(new Constant(rate), new Constant(momentum), 0, false, new Constant(0));
    }

    @Override
    public Findings run(Trial trial) {
        Sample gain = trial.sample(seed -> gain(trial, new RandomStream(seed)));
        int steps = trial.pick(3000, 500);
        double[][] values = new double[7][trial.seeds()];
        for (long seed : trial.each()) {
            double[] found = network(trial, steps, new RandomStream(seed));
            for (int i = 0; i < found.length; i++) {
                values[i][(int) seed - 1] = found[i];
            }
            trial.say("seed " + seed);
        }
        Sample[] of = new Sample[values.length];
        for (int i = 0; i < of.length; i++) {
            of[i] = new Sample(values[i]);
        }
        return Findings.table("weights", "loss on fresh data", "accuracy", "top eigenvalue")
                .row("last", of[0], of[1], of[2])
                .row("mean", of[3], of[4], of[5])
                .row("mean, old statistics", "", of[6], "")
                .near("gain on the quadratic", gain.mean(), 66.7, 13.3)
                .atMost("loss beside the last weights", of[3].over(of[0]).mean(), 0.95)
                .atMost(
                        "top eigenvalue beside the last weights",
                        of[5].over(of[2]).mean(),
                        0.9)
                .atLeast(
                        "accuracy that new statistics bring", of[4].minus(of[6]).mean(), 0.005)
                .build();
    }

    /// The loss `½|p|²` of the last point over that of the mean, in a thousand dimensions.
    private static double gain(Trial trial, RandomStream random) {
        Parameter point = new Parameter(Tensor.zeros(1000));
        ParameterGroup group = new ParameterGroup(new LinkedHashMap<>(Map.of("p", point)), 1, 1);
        Optimizer optimizer = averaged(trial, sgd(0.5, 0), POINTS).over(List.of(group));
        for (int step = 0; step < 2 * POINTS; step++) {
            try (var _ = Scope.open()) {
                Tensor noise = random.split(step).normal(DType.FLOAT32, 1000);
                optimizer.clearGradients();
                point.value()
                        .square()
                        .mul(0.5)
                        .add(point.value().mul(noise))
                        .sum()
                        .backward();
                optimizer.step();
            }
        }
        double mean = optimizer.evaluating(() -> point.own().square().sum().item());
        return point.own().square().sum().item() / mean;
    }

    /// Loss, accuracy, top eigenvalue of the last weights, the same of the mean, and its accuracy with old
    /// statistics.
    private static double[] network(Trial trial, int steps, RandomStream random) {
        RandomStream teacher = random.split("teacher");
        Examples examples = Examples.taught(teacher, random.split("learn"), 1024, SIZES, 0.1);
        Examples fresh = Examples.taught(teacher, random.split("fresh"), 2048, SIZES, 0.1);
        Layer network = new Sequential(
                new Linear(SIZES.features(), WIDTH, true, random.split("hidden")),
                new BatchNorm(WIDTH),
                Sequential.of(Tensor::relu),
                new Linear(WIDTH, SIZES.classes(), true, random.split("out")));
        Learner learner =
                new Learner(network, examples, 16, averaged(trial, sgd(0.1, 0.9), steps / 2), random.split("order"));
        learner.learn(steps);
        double stale = learner.trainer().optimizer().evaluating(() -> learner.accuracy(fresh));
        measure(network, learner);
        double[] last = figures(network, learner, examples, fresh, random);
        double[] mean = learner.trainer().optimizer().evaluating(() -> {
            measure(network, learner);
            return figures(network, learner, examples, fresh, random);
        });
        return new double[] {last[0], last[1], last[2], mean[0], mean[1], mean[2], stale};
    }

    private static void measure(Layer network, Learner learner) {
        BatchStatistics.refresh(network, () -> {
            for (int batch = 0; batch < 100; batch++) {
                try (var _ = Scope.open()) {
                    network.apply(learner.next().x());
                }
            }
        });
    }

    private static double[] figures(
            Layer network, Learner learner, Examples examples, Examples fresh, RandomStream random) {
        network.train(false);
        Curvature curvature = new Curvature(
                () -> CrossEntropy.crossEntropy(network.apply(examples.x()), examples.labels()),
                List.copyOf(network.parameters().values()));
        double top = curvature.topEigenvalue(8, random.split("lanczos"));
        network.train(true);
        return new double[] {learner.lossOf(fresh), learner.accuracy(fresh), top};
    }
}
