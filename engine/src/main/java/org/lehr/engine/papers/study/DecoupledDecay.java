package org.lehr.engine.papers.study;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.stat.StatUtils;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.recipe.Adam;
import org.lehr.engine.optim.recipe.AdamW;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.papers.Vector;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Cosine;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Embedding;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Loshchilov, Hutter 2019: with Adam the penalty `λ/2·|p|²` is not weight decay, because its gradient is divided by
/// the
/// size of all gradients; taken off beside the step (AdamW), all weights decay alike, which generalises better.
///
/// First weights without gradients and weights with gradients of noise alone, of which theory says how far they decay.
/// Then a regression on features of unequal sizes, the same number of strengths of decay for both. The paper's basins
/// over rates and decays are left out: in small networks trained to the end, the best decay hangs on the rate with
/// neither.
public final class DecoupledDecay implements Study {

    private static final int FEATURES = 40;
    private static final int EXAMPLES = 60;
    private static final int SETS = 16;
    private static final double NOISE = 6;
    private static final int BATCH = 8;
    private static final double RATE = 1e-3;
    private static final double[] STRENGTHS = {3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1};

    /// A study without settings.
    public DecoupledDecay() {}

    @Override
    public Claim claim() {
        return Claim.of(
                206,
                "With Adam a penalty does not act as weight decay; decoupled decay takes the same share of all weights,"
                        + " whatever their gradients, and generalises better at its best strength",
                "200 steps without gradients: AdamW leaves (1 − ηλ)^200 (± 1e-4), Adam with a penalty moves by η each step"
                        + " whatever λ (± 5 %); share decayed under noise of 0.1 over that under 10: AdamW 1 ± 0.15, Adam"
                        + " at least 10; regression, best of six strengths: error of AdamW at most 0.95 of Adam's");
    }

    private static Recipe penalised(Schedule rate, double decay) {
        return new Adam(rate, new Constant(0.9), new Constant(0.99), 1e-8, new Constant(decay), false);
    }

    private static Recipe tried(Trial trial, Schedule rate, double decay) {
        return trial.method()
                ? new AdamW(rate, new Constant(0.9), new Constant(0.99), 1e-8, new Constant(decay), false)
                : penalised(rate, decay);
    }

    @Override
    public Findings run(Trial trial) {
        Schedule rate = new Constant(RATE);
        Sample left = trial.sample(_ -> decayed(tried(trial, rate, 1), 0, 200, new RandomStream(0)));
        double strong = decayed(penalised(rate, 1), 0, 200, new RandomStream(0)) / (200 * RATE);
        double weak = decayed(penalised(rate, 0.01), 0, 200, new RandomStream(0)) / (200 * RATE);
        Sample small = trial.sample(seed -> decayed(tried(trial, rate, 0.1), 0.1, 1000, new RandomStream(seed)));
        Sample large = trial.sample(seed -> decayed(tried(trial, rate, 0.1), 10, 1000, new RandomStream(seed)));
        Sample smallPenalised = trial.sample(seed -> decayed(penalised(rate, 0.1), 0.1, 1000, new RandomStream(seed)));
        Sample largePenalised = trial.sample(seed -> decayed(penalised(rate, 0.1), 10, 1000, new RandomStream(seed)));
        trial.say("decay under noise");
        Findings.Builder findings = Findings.table("", "AdamW", "Adam with a penalty")
                .row("share decayed under noise of 0.1", small, smallPenalised)
                .row("share decayed under noise of 10", large, largePenalised);
        int steps = trial.pick(2000, 400);
        Schedule falling = new Cosine(0.05, 0, steps);
        double best = Double.POSITIVE_INFINITY;
        double bestPenalised = Double.POSITIVE_INFINITY;
        for (double strength : STRENGTHS) {
            Sample own = errors(trial, tried(trial, falling, strength), steps);
            Sample other = errors(trial, penalised(falling, strength), steps);
            best = Math.min(best, own.mean());
            bestPenalised = Math.min(bestPenalised, other.mean());
            findings.row("error on fresh data, strength " + strength, own, other);
            trial.say("strength " + strength);
        }
        return findings.near("what AdamW leaves, over theory", (1 - left.mean()) / Math.pow(1 - RATE, 200), 1, 1e-4)
                .near("way of Adam for λ = 1, in rates", strong, 1, 0.05)
                .near("way of Adam for λ = 0.01, in rates", weak, 1, 0.05)
                .near("decay of AdamW under small over large noise", small.mean() / large.mean(), 1, 0.15)
                .atLeast(
                        "decay of Adam under small over large noise", smallPenalised.mean() / largePenalised.mean(), 10)
                .atMost("best error of AdamW beside Adam's", best / bestPenalised, 0.95)
                .build();
    }

    /// What is gone of weights of 1 whose gradients are normal noise, in the mean.
    private static double decayed(Recipe recipe, double noise, int steps, RandomStream random) {
        int count = 1000;
        Vector weights = new Vector(Tensor.full(1, Device.cpu(), DType.FLOAT32, count), recipe);
        for (int step = 0; step < steps; step++) {
            weights.step(random.split(step).normal(DType.FLOAT32, count).mul(noise));
        }
        return 1 - StatUtils.mean(weights.values());
    }

    private static Sample errors(Trial trial, Recipe recipe, int steps) {
        return trial.sample(seed -> error(recipe, steps, new RandomStream(seed)));
    }

    /// The squared error on fresh data without noise, over the number of features, whose sizes go from `10^(−½)` to
    /// `10^½` and that count alike; the mean over a few data sets, which are learned side by side.
    private static double error(Recipe recipe, int steps, RandomStream random) {
        double[] each = new double[FEATURES];
        Arrays.setAll(each, i -> Math.pow(10, (double) i / (FEATURES - 1) - 0.5));
        Tensor sizes = Tensor.of(each, FEATURES);
        Tensor truth =
                random.split("truth").normal(DType.FLOAT64, SETS, FEATURES).div(sizes);
        Tensor x = random.split("x")
                .normal(DType.FLOAT64, EXAMPLES, SETS, FEATURES)
                .mul(sizes);
        Tensor noise =
                random.split("noise").normal(DType.FLOAT64, EXAMPLES, SETS).mul(NOISE);
        Tensor y = x.mul(truth).sum(-1).add(noise);
        Parameter p = new Parameter(Tensor.full(0, Device.cpu(), DType.FLOAT64, SETS, FEATURES));
        Optimizer optimizer = recipe.over(List.of(new ParameterGroup(new LinkedHashMap<>(Map.of("p", p)), 1, 1)));
        for (int step = 0; step < steps; step++) {
            try (var _ = Scope.open()) {
                Tensor rows = random.split("batch").split(step).integers(EXAMPLES, BATCH);
                Tensor inputs = Embedding.embedding(x.reshape(EXAMPLES, SETS * FEATURES), rows)
                        .reshape(BATCH, SETS, FEATURES);
                Tensor errors = inputs.mul(p.own().detach()).sum(-1).sub(Embedding.embedding(y, rows));
                p.own().setGradient(inputs.mul(errors.unsqueeze(-1)).mean(0));
                optimizer.step();
            }
        }
        return p.own().sub(truth).mul(sizes).square().mean().item();
    }
}
