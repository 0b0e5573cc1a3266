package org.lehr.engine.papers.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.lehr.engine.analysis.Curvature;
import org.lehr.engine.analysis.StabilityMonitor;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.recipe.Sgd;
import org.lehr.engine.papers.Descent;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Perceptron;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Embedding;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Wu, Su 2023: SGD with one example a step stays at a minimum without error only where the trace of the Hessian is at
/// most `2/η`; descent along the whole loss asks that of the largest eigenvalue alone.
///
/// A perceptron with one hidden layer learns 20 random examples by heart, from the same start by SGD and by descent.
/// Then SGD begins close to what descent found: with its rate, and with one that the trace allows.
public final class NoisyStability implements Study {

    private static final int EXAMPLES = 20;
    private static final Perceptron NETWORK = new Perceptron(10, 40, 1, 1);
    private static final double NOISY_RATE = 0.04;
    private static final double RATE = 0.1;

    /// A study without settings.
    public NoisyStability() {}

    @Override
    public Claim claim() {
        return Claim.of(
                52,
                "Minima where SGD with one example a step stays have a trace of the Hessian of at most 2/η; those of"
                        + " descent along the whole loss only a largest eigenvalue of at most 2/η",
                "median over the seeds: η·tr H at most 2 after SGD; after descent η·λ at most 2, η·tr H at least 2, and SGD"
                        + " with the same rate leaves that minimum (loss above 1), with η·tr H = 1/2 it stays (below 1e-4)."
                        + " The estimated trace is that of the squared gradients of the examples ± 5 %");
    }

    /// @param sharpness `η·λ`
    /// @param trace `η·tr H`
    /// @param exact the estimated trace over the mean of the examples' squared gradients, which it is without error
    /// @param loss of all examples at the end
    private record Minimum(double sharpness, double trace, double exact, double loss) {}

    /// @param left the largest loss of SGD that begins close, with the rate of descent
    /// @param stayed the same with a rate that the trace allows
    private record Outcome(Minimum noisy, Minimum whole, double left, double stayed) {}

    @Override
    public Findings run(Trial trial) {
        List<Outcome> outcomes = new ArrayList<>();
        int steps = trial.pick(6000, 1500);
        for (long seed : trial.each()) {
            outcomes.add(compare(trial, steps, new RandomStream(seed)));
            trial.say("seed " + seed);
        }
        Sample noisyTrace = of(outcomes, outcome -> outcome.noisy.trace);
        Sample sharpness = of(outcomes, outcome -> outcome.whole.sharpness);
        Sample trace = of(outcomes, outcome -> outcome.whole.trace);
        Sample left = of(outcomes, Outcome::left);
        Sample stayed = of(outcomes, Outcome::stayed);
        return Findings.table("minimum of", "rate", "η·λ", "η·tr H", "loss")
                .row(
                        "SGD, one example",
                        trial.method() ? NOISY_RATE : RATE,
                        of(outcomes, outcome -> outcome.noisy.sharpness),
                        noisyTrace,
                        of(outcomes, outcome -> outcome.noisy.loss))
                .row("descent", RATE, sharpness, trace, of(outcomes, outcome -> outcome.whole.loss))
                .atMost("η·tr H after SGD", noisyTrace.median(), 2)
                .atMost("η·λ after descent", sharpness.median(), 2)
                .atLeast("η·tr H after descent", trace.median(), 2)
                .atLeast("largest loss of SGD from there", left.median(), 1)
                .atMost("the same with η·tr H = 1/2", stayed.median(), 1e-4)
                .near(
                        "estimated trace over squared gradients",
                        of(outcomes, outcome -> outcome.noisy.exact).median(),
                        1,
                        0.05)
                .build();
    }

    private static Sample of(List<Outcome> outcomes, ToDoubleFunction<Outcome> number) {
        return new Sample(outcomes.stream().mapToDouble(number).toArray());
    }

    private static Outcome compare(Trial trial, int steps, RandomStream random) {
        Fit noisy = new Fit(random);
        if (trial.method()) {
            noisy.noisy(NOISY_RATE, 5 * steps, random.split("picks"));
        } else {
            noisy.whole(RATE, steps);
        }
        Fit whole = new Fit(random);
        whole.whole(RATE, steps);
        Minimum found = whole.minimum(RATE);
        List<Tensor> values = whole.perturbed(random.split("beside"));
        whole.put(values);
        double stayed = whole.noisy(RATE * 0.5 / found.trace, steps, random.split("staying"));
        whole.put(values);
        double left = trial.method() ? whole.noisy(RATE, steps, random.split("leaving")) : whole.whole(RATE, steps);
        return new Outcome(noisy.minimum(trial.method() ? NOISY_RATE : RATE), found, left, stayed);
    }

    /// A network and the examples that it learns, always the same for one seed.
    private static final class Fit {

        private final Tensor x;
        private final Tensor y;
        private final Layer network;
        private final List<Parameter> parameters;
        private final Curvature curvature;
        private final RandomStream random;

        Fit(RandomStream random) {
            this.random = random;
            x = random.split("x").normal(DType.FLOAT64, EXAMPLES, NETWORK.in());
            y = random.split("y").normal(DType.FLOAT64, EXAMPLES, 1);
            network = NETWORK.make(Initializer.heNormal(), Tensor::relu, random.split("network"));
            network.convert(DType.FLOAT64);
            parameters = List.copyOf(network.parameters().values());
            curvature = new Curvature(() -> loss(x, y), parameters);
        }

        private Tensor loss(Tensor x, Tensor y) {
            return network.apply(x).sub(y).square().mean().mul(0.5);
        }

        /// Descends along the whole loss; returns the largest loss.
        double whole(double rate, int steps) {
            return largest(new Descent(() -> loss(x, y), optimizer(rate)), steps);
        }

        /// Takes steps with one random example each; returns the largest loss of one.
        double noisy(double rate, int steps, RandomStream picks) {
            Supplier<Tensor> one = () -> {
                Tensor row = picks.integers(EXAMPLES, 1);
                return loss(Embedding.embedding(x, row), Embedding.embedding(y, row));
            };
            return largest(new Descent(one, optimizer(rate)), steps);
        }

        private Optimizer optimizer(double rate) {
            return new Sgd(new Constant(rate), new Constant(0), 0, false, new Constant(0))
                    .over(List.of(ParameterGroup.all(network)));
        }

        /// Ends early once the network is lost.
        private static double largest(Descent descent, int steps) {
            double largest = 0;
            for (int step = 0; step < steps && largest < 1e6; step++) {
                largest = Math.max(largest, descent.step());
            }
            return largest;
        }

        Minimum minimum(double rate) {
            StabilityMonitor.Point point =
                    new StabilityMonitor(curvature, 20, 200, random.split("monitor")).look(0, rate);
            try (var _ = Scope.open()) {
                return new Minimum(
                        rate * point.sharpness(),
                        rate * point.trace(),
                        point.trace() / squaredGradients(),
                        loss(x, y).item());
            }
        }

        /// The mean over the examples of the squared norm of the gradient of the network's output.
        private double squaredGradients() {
            double sum = 0;
            for (int i = 0; i < EXAMPLES; i++) {
                Tensor one = x.slice(0, i, i + 1);
                double[] gradient = new Curvature(() -> network.apply(one).sum(), parameters).gradient();
                sum += Arrays.stream(gradient).map(g -> g * g).sum() / EXAMPLES;
            }
            return sum;
        }

        List<Tensor> perturbed(RandomStream noise) {
            return parameters.stream()
                    .map(parameter -> parameter
                            .own()
                            .detach()
                            .add(noise.normal(
                                            DType.FLOAT64,
                                            parameter.own().shape().toArray())
                                    .mul(1e-4)))
                    .toList();
        }

        void put(List<Tensor> values) {
            for (int i = 0; i < values.size(); i++) {
                parameters.get(i).set(values.get(i));
            }
        }
    }
}
