package org.lehr.engine.papers.study;

import java.util.List;
import org.lehr.engine.analysis.SoftmaxCollapse;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.recipe.Adam;
import org.lehr.engine.optim.wrapper.OrthoGrad;
import org.lehr.engine.papers.Descent;
import org.lehr.engine.papers.Examples;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.ModularAddition;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.kernels.memory.Scope;

/// Prieto et al. 2025: without regularisation a network that knows its examples only makes its scores larger, until the
/// softmax of float32 is exactly 1 and nothing is learned any more; it never comes to generalise. Without the part of
/// the
/// gradient along the weights it does.
///
/// Modular addition with Adam over all examples at once. The paper adds modulo 113 and 97; here it is 31, so that the
/// run
/// takes seconds, with 60 % of the sums for learning, since there are so few of them.
public final class OrthogonalGrokking implements Study {

    private static final double RATE = 0.01;
    private static final double SHARE = 0.6;

    /// A study without settings.
    public OrthogonalGrokking() {}

    @Override
    public Claim claim() {
        return Claim.of(
                88,
                "Plain training of modular addition ends in a softmax that is exactly 1, before it generalises; with"
                        + " gradients orthogonal to the weights it generalises, without any decay",
                "median over the seeds: accuracy on unseen sums at least 0.6 with orthogonal gradients, and at most 0.1"
                        + " without after three times as many steps, when the loss of a quarter of the examples at least is"
                        + " exactly 0; with them of none");
    }

    /// @param accuracy on unseen sums
    /// @param collapsed share of the examples whose loss is exactly 0
    /// @param along mean cosine between the way down and the weights
    private record Outcome(double accuracy, double collapsed, double along) {}

    @Override
    public Findings run(Trial trial) {
        int steps = trial.pick(1000, 500);
        int p = trial.pick(31, 23);
        int width = trial.pick(128, 64);
        double[][] values = new double[6][trial.seeds()];
        for (long seed : trial.each()) {
            RandomStream random = new RandomStream(seed);
            put(values, 0, seed, train(p, width, trial.method(), steps, random));
            put(values, 3, seed, train(p, width, false, 3 * steps, random));
            trial.say("seed " + seed);
        }
        Sample accuracy = new Sample(values[0]);
        Sample collapsed = new Sample(values[1]);
        Sample plainAccuracy = new Sample(values[3]);
        Sample plainCollapsed = new Sample(values[4]);
        return Findings.table(
                        "gradients", "steps", "accuracy on unseen sums", "losses of exactly 0", "cosine with weights")
                .row("orthogonal", steps, accuracy, collapsed, new Sample(values[2]))
                .row("plain", 3 * steps, plainAccuracy, plainCollapsed, new Sample(values[5]))
                .atLeast("accuracy with orthogonal gradients", accuracy.median(), 0.6)
                .atMost("accuracy with plain gradients", plainAccuracy.median(), 0.1)
                .atMost("share of collapsed examples, orthogonal", collapsed.median(), 0)
                .atLeast("share of collapsed examples, plain", plainCollapsed.median(), 0.25)
                .build();
    }

    private static void put(double[][] values, int from, long seed, Outcome outcome) {
        values[from][(int) seed - 1] = outcome.accuracy;
        values[from + 1][(int) seed - 1] = outcome.collapsed;
        values[from + 2][(int) seed - 1] = outcome.along;
    }

    private static Outcome train(int p, int width, boolean orthogonal, int steps, RandomStream random) {
        ModularAddition sums = ModularAddition.of(p, SHARE, random.split("sums"));
        Examples learn = sums.learn();
        Layer network = new Sequential(
                new Linear(2 * p, width, false, random.split("first")),
                Sequential.of(Tensor::relu),
                new Linear(width, width, false, random.split("second")),
                Sequential.of(Tensor::relu),
                new Linear(width, p, false, random.split("third")));
        Recipe adam = new Adam(new Constant(RATE), new Constant(0.9), new Constant(0.98), 1e-8, new Constant(0), false);
        Recipe recipe = orthogonal ? new OrthoGrad(true).around(adam) : adam;
        Descent descent = new Descent(
                () -> CrossEntropy.crossEntropy(network.apply(learn.x()), learn.labels()),
                recipe.over(List.of(ParameterGroup.all(network))));
        for (int step = 0; step < steps; step++) {
            descent.step();
        }
        try (var _ = Scope.open()) {
            descent.optimizer().clearGradients();
            descent.loss().get().backward();
            double along = network.parameters().values().stream()
                    .mapToDouble(OrthogonalGrokking::alongWeights)
                    .average()
                    .orElseThrow();
            double collapsed =
                    SoftmaxCollapse.share(Autograd.noGradient(() -> network.apply(learn.x())), learn.labels());
            return new Outcome(sums.rest().accuracy(network), collapsed, along);
        }
    }

    private static double alongWeights(Parameter parameter) {
        return SoftmaxCollapse.alongWeights(parameter.gradient(), parameter.own());
    }
}
