package org.lehr.engine.papers.study;

import java.util.Arrays;
import java.util.SequencedMap;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.recipe.Sgd;
import org.lehr.engine.optim.recipe.Upgd;
import org.lehr.engine.papers.Examples;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Learner;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.papers.Vector;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Elsayed, Mahmood 2023: how much the loss would rise without a weight can be told from its gradient and curvature;
/// weights are protected by that, the most useful one from `σ(1) = 73 %` of each step.
///
/// The estimate of second order is held beside the rise itself, by setting each weight of a network that has learned to
/// 0, and beside the sizes of weights. The paper's streams of tasks are left out.
public final class UsefulWeights implements Study {

    private static final Examples.Sizes SIZES = new Examples.Sizes(8, 8, 4);
    private static final int HIDDEN = 8;
    private static final int COUNT = 256;

    /// A study without settings.
    public UsefulWeights() {}

    @Override
    public Claim claim() {
        return Claim.of(
                222,
                "The estimated utility of weights orders them as the rise of the loss without each does, and gates steps",
                "share of its step that the most useful weight keeps 1 − σ(1) = 0.2689, a useless one 0.5 (± 1e-4); rank"
                        + " correlation of estimated and true utility of all weights of a trained network at least 0.8,"
                        + " at every seed");
    }

    private static Recipe upgd(double rate, boolean second) {
        return new Upgd(
                new Constant(rate), new Constant(0.99), new Constant(0), second, true, false, new Constant(0), 0);
    }

    private static Recipe sgd(double rate) {
        return new Sgd(new Constant(rate), new Constant(0), 0, false, new Constant(0));
    }

    @Override
    public Findings run(Trial trial) {
        // With slopes of −1 the utility of a weight is its value.
        double[] way = new Vector(Tensor.of(new float[] {2, 1, 0}, 3), trial.method() ? upgd(1e-3, false) : sgd(1e-3))
                .step(Tensor.of(new float[] {-1, -1, -1}, 3));
        int steps = trial.pick(1000, 200);
        double[][] ranks = trial.each().stream()
                .map(seed -> ranks(trial, steps, new RandomStream(seed)))
                .toArray(double[][]::new);
        Sample utility =
                new Sample(Arrays.stream(ranks).mapToDouble(each -> each[0]).toArray());
        Sample size =
                new Sample(Arrays.stream(ranks).mapToDouble(each -> each[1]).toArray());
        return Findings.table("rank correlation with the true utility", "")
                .row("estimated utility", utility)
                .row("size of the weight", size)
                .near("step of the most useful weight", way[0] / 1e-3, 1 - 1 / (1 + Math.exp(-1)), 1e-4)
                .near("step of a useless weight", way[2] / 1e-3, 0.5, 1e-4)
                .atLeast("rank correlation of estimated and true utility", utility.min(), 0.8)
                .build();
    }

    /// Rank correlations with the true utilities, of the estimates and of the sizes of weights.
    private static double[] ranks(Trial trial, int steps, RandomStream random) {
        Layer network = new Sequential(
                new Linear(SIZES.features(), HIDDEN, true, random.split("hidden")),
                Sequential.of(Tensor::tanh),
                new Linear(HIDDEN, SIZES.classes(), true, random.split("out")));
        Examples examples = Examples.taught(random.split("teacher"), random.split("examples"), COUNT, SIZES, 0);
        Learner learner = new Learner(network, examples, 64, sgd(0.3), random.split("order"));
        learner.learn(300);
        // Stands still while it estimates.
        Learner judge =
                new Learner(network, examples, COUNT, trial.method() ? upgd(0, true) : sgd(0), random.split("judged"));
        judge.learn(steps);
        SequencedMap<String, Tensor> state = judge.trainer().optimizer().state();
        double[] truth = new double[Math.toIntExact(network.parameterCount())];
        double[] estimate = new double[truth.length];
        double[] size = new double[truth.length];
        double loss = learner.lossOf(examples);
        int at = 0;
        for (String path : network.parameters().keySet()) {
            Parameter parameter = network.parameters().get(path);
            double[] values = parameter.own().toDoubleArray();
            Tensor found = state.get("utility/" + path);
            double[] utilities = found == null ? values : found.toDoubleArray();
            for (int i = 0; i < values.length; i++) {
                truth[at] = without(parameter, i, values, learner, examples) - loss;
                estimate[at] = utilities[i];
                size[at++] = Math.abs(values[i]);
            }
        }
        SpearmansCorrelation correlation = new SpearmansCorrelation();
        return new double[] {correlation.correlation(estimate, truth), correlation.correlation(size, truth)};
    }

    /// The loss with one weight of a parameter at 0.
    private static double without(Parameter parameter, int index, double[] values, Learner learner, Examples examples) {
        double[] changed = values.clone();
        changed[index] = 0;
        long[] shape = parameter.own().shape().toArray();
        parameter.set(Tensor.of(changed, shape));
        double loss = learner.lossOf(examples);
        parameter.set(Tensor.of(values, shape));
        return loss;
    }
}
