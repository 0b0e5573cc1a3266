package org.lehr.engine.papers.study;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.recipe.AdaBound;
import org.lehr.engine.optim.recipe.Adam;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Luo et al. 2019: where rare large gradients point the right way and frequent small ones the wrong way, Adam follows
/// the
/// small ones, because it divides each by its size; with rates between two bounds that close, it ends at the right
/// place.
///
/// The example is the one that the paper takes from Reddi, Kale, Kumar (2018) in its random form: the slope at `x ∈
/// [−1,
/// 1]` is `C` with probability `p` and −1 otherwise, where `p·C` outweighs `1 − p`, so that the best place is −1.
public final class BoundedRates implements Study {

    private static final double LARGE = 10;

    /// A little more than `1/(1 + C)`, at which both sides weigh the same.
    private static final double SHARE = 1.3 / (1 + LARGE);

    /// A study without settings.
    public BoundedRates() {}

    @Override
    public Claim claim() {
        return Claim.of(
                287,
                "Adam can converge to the worst place where large gradients are rare; AdaBound and AMSBound, whose rates are"
                        + " bounded on both sides by bounds that close, converge to the best",
                "mean place over the last tenth of the steps, best −1 and worst 1: Adam at least 0.5, both bounded ones at"
                        + " most −0.5, at every seed");
    }

    @Override
    public Findings run(Trial trial) {
        int steps = trial.pick(40_000, 12_000);
        Recipe adam = new Adam(new Constant(0.01), new Constant(0), new Constant(0.1), 1e-8, new Constant(0), false);
        Sample plain = places(trial, "Adam", adam, steps);
        Sample bounded = places(trial, "AdaBound", trial.method() ? bounded(false) : adam, steps);
        Sample largest = places(trial, "AMSBound", trial.method() ? bounded(true) : adam, steps);
        return Findings.table("optimizer", "mean place in the end")
                .row("Adam", plain)
                .row("AdaBound", bounded)
                .row("AMSBound", largest)
                .atLeast("place of Adam", plain.min(), 0.5)
                .atMost("place of AdaBound", bounded.max(), -0.5)
                .atMost("place of AMSBound", largest.max(), -0.5)
                .build();
    }

    private static Recipe bounded(boolean largest) {
        return new AdaBound(
                new Constant(0.01),
                new Constant(1e-3),
                1e-3,
                new Constant(0),
                new Constant(0.1),
                1e-8,
                largest,
                new Constant(0));
    }

    private static Sample places(Trial trial, String name, Recipe recipe, int steps) {
        Sample places = trial.sample(seed -> place(recipe, steps, new RandomStream(seed)));
        trial.say(name + ": " + places.mean());
        return places;
    }

    private static double place(Recipe recipe, int steps, RandomStream random) {
        Parameter x = new Parameter(Tensor.full(0, Device.current(), DType.FLOAT64, 1));
        SequencedMap<String, Parameter> one = new LinkedHashMap<>();
        one.put("x", x);
        Optimizer optimizer = recipe.over(List.of(new ParameterGroup(one, 1, 1)));
        double[] draws = random.uniform(DType.FLOAT64, steps).toDoubleArray();
        double sum = 0;
        for (int step = 0; step < steps; step++) {
            x.own().setGradient(Tensor.of(new double[] {draws[step] < SHARE ? LARGE : -1}, 1));
            optimizer.step();
            double inside = Math.clamp(x.own().item(), -1, 1);
            x.set(Tensor.of(new double[] {inside}, 1));
            sum += step >= steps - steps / 10 ? inside : 0;
        }
        return sum / (steps / 10);
    }
}
