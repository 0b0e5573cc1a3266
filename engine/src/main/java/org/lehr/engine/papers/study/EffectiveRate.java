package org.lehr.engine.papers.study;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.nn.norm.BatchNorm;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.recipe.Sgd;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Van Laarhoven 2017: before a batch norm, weight decay regularises nothing; the scale of the weights is of no
/// consequence,
/// but decay sets it, and with it the effective rate. In balance a step of SGD turns the weights by `√(2·η·λ)`,
/// whatever
/// the loss, so that runs of equal `η·λ` learn alike.
///
/// The angle is measured in a network whose labels are random at every step: gradients never vanish.
public final class EffectiveRate implements Study {

    private static final long WIDTH = 24;
    private static final int CLASSES = 4;
    private static final double[][] RUNS = {{0.4, 0.005}, {0.2, 0.01}, {0.1, 0.02}, {0.2, 0.04}};

    /// A study without settings.
    public EffectiveRate() {}

    @Override
    public Claim claim() {
        return Claim.of(
                219,
                "Before a batch norm, weight decay λ acts through the effective rate only: in balance a step turns the"
                        + " weights by √(2ηλ)",
                "angle of a step over √(2ηλ) for four pairs of rate and decay, three of them of equal product, at every seed:"
                        + " 1 ± 0.15; outputs after weights times ten change by at most 1e-4, gradients shrink tenfold");
    }

    @Override
    public Findings run(Trial trial) {
        int steps = trial.pick(6000, 1200);
        Findings.Builder findings = Findings.table("rate", "decay", "angle of a step", "√(2ηλ)", "norm of the weights");
        List<Sample> ratios = new ArrayList<>();
        for (double[] run : RUNS) {
            double wanted = Math.sqrt(2 * run[0] * run[1]);
            double[] norms = new double[trial.seeds()];
            Sample angles = trial.sample(seed -> {
                Turning turning = new Turning(new RandomStream(seed), run[0], trial.method() ? run[1] : 0);
                double angle = turning.angle(steps);
                norms[(int) seed - 1] = turning.norm();
                return angle;
            });
            findings.row(run[0], run[1], angles, wanted, new Sample(norms));
            ratios.add(new Sample(angles.min() / wanted, angles.max() / wanted));
            trial.say("rate " + run[0] + ", decay " + run[1]);
        }
        for (int i = 0; i < RUNS.length; i++) {
            String which = " angle at rate " + RUNS[i][0] + ", decay " + RUNS[i][1];
            findings.near("least" + which, ratios.get(i).min(), 1, 0.15);
            findings.near("largest" + which, ratios.get(i).max(), 1, 0.15);
        }
        double[] scaled = new Turning(new RandomStream(1), 0.1, 0).timesTen();
        return findings.atMost("change of outputs when weights grow tenfold", scaled[0], 1e-4)
                .near("gradient then", scaled[1], 0.1, 0.002)
                .build();
    }

    /// A network that is trained on labels without sense.
    private static final class Turning {

        private final RandomStream random;
        private final Linear first;
        private final Sequential net;
        private final Optimizer optimizer;

        Turning(RandomStream random, double rate, double decay) {
            this.random = random;
            first = new Linear(WIDTH, WIDTH, null, Initializer.heNormal(), random.split("first"));
            net = new Sequential(
                    first,
                    new BatchNorm(WIDTH),
                    Sequential.of(Tensor::relu),
                    new Linear(WIDTH, CLASSES, true, random.split("second")));
            ParameterGroup before = ParameterGroup.where(net, (path, parameter) -> parameter == first.weight());
            // The rest stays as it is: its own drift would change what is measured.
            optimizer =
                    new Sgd(new Constant(rate), new Constant(0), 0, false, new Constant(decay)).over(List.of(before));
        }

        /// The root of the mean square of the angles between the weights of one unit before and after a step,
        /// over the
        /// last third of the steps.
        double angle(int steps) {
            double sum = 0;
            int count = 0;
            for (int step = 0; step < steps; step++) {
                boolean late = step >= steps * 2 / 3;
                double[] before = late ? weights() : null;
                step(step);
                if (late) {
                    sum += squaredAngle(before, weights());
                    count++;
                }
            }
            return Math.sqrt(sum / count);
        }

        private void step(int step) {
            try (var _ = Scope.open()) {
                loss(random.split("step").split(step)).backward();
                optimizer.step();
                net.clearGradients();
            }
        }

        private Tensor loss(RandomStream draws) {
            Tensor x = draws.split("x").normal(DType.FLOAT32, 32, WIDTH);
            return CrossEntropy.crossEntropy(net.apply(x), draws.split("labels").integers(CLASSES, 32));
        }

        private double[] weights() {
            return first.weight().own().toDoubleArray();
        }

        /// The mean over the units, each of which has a scale of its own.
        private static double squaredAngle(double[] before, double... after) {
            int width = (int) WIDTH;
            double sum = 0;
            for (int unit = 0; unit < width; unit++) {
                double product = 0;
                double first = 0;
                double second = 0;
                for (int i = unit * width; i < (unit + 1) * width; i++) {
                    product += before[i] * after[i];
                    first += before[i] * before[i];
                    second += after[i] * after[i];
                }
                double angle = Math.acos(Math.min(1, product / Math.sqrt(first * second)));
                sum += angle * angle / width;
            }
            return sum;
        }

        double norm() {
            double sum = 0;
            for (double weight : weights()) {
                sum += weight * weight;
            }
            return Math.sqrt(sum);
        }

        /// How much the outputs change when the weights before the norm are ten times as large, and the
        /// quotient of the
        /// norms of their gradients.
        double[] timesTen() {
            Tensor x = random.split("fixed").normal(DType.FLOAT32, 32, WIDTH);
            Parameter weight = first.weight();
            double[] outputs = net.apply(x).toDoubleArray();
            double gradient = gradient();
            weight.set(weight.own().detach().mul(10));
            double[] larger = net.apply(x).toDoubleArray();
            double change = 0;
            for (int i = 0; i < outputs.length; i++) {
                change = Math.max(change, Math.abs(larger[i] - outputs[i]));
            }
            return new double[] {change, gradient() / gradient};
        }

        private double gradient() {
            loss(random.split("gradient")).backward();
            double norm = Math.sqrt(first.weight().gradient().square().sum().item());
            net.clearGradients();
            return norm;
        }
    }
}
