package org.lehr.engine.papers.study;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.nn.transformer.NormPlacement;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.recipe.Adam;
import org.lehr.engine.optim.recipe.FAdam;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Reader;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.papers.Vector;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Hwang 2024: seen as natural gradient descent by the diagonal of the empirical Fisher information, Adam should divide
/// the gradient before the momentum, limit what comes out, and let ε follow the gradient. Such an Adam does not depend
/// on the scale of the loss, however small, and is at least as good.
///
/// Scale is tried on a stream of made-up gradients, quality with a small decoder, both over the same rates.
public final class NaturalGradient implements Study {

    private static final Reader.Sizes SIZES = new Reader.Sizes(2, 32, NormPlacement.PRE);
    private static final double[] RATES = {0.01, 0.03};
    private static final int ELEMENTS = 500;
    private static final int STEPS = 100;

    /// A study without settings.
    public NaturalGradient() {}

    @Override
    public Claim claim() {
        return Claim.of(
                241,
                "Adam corrected to be natural gradient descent does not depend on the scale of the loss, and learns at least"
                        + " as well",
                "first step η(1 − β₁)·sign g (± 1e-3); way after 100 steps changed by at most"
                        + " 1e-3 by gradients times 100, and by 0.02 by gradients times 1e-9 (0.01 in theory, as ε is a"
                        + " hundredth of the gradient), Adam's by at least 0.3; a decoder at rates 0.01 and 0.03: loss at the"
                        + " better rate at most 1.01 of Adam's, mean over the rates at most 0.99");
    }

    private static Recipe adam(double rate) {
        return new Adam(new Constant(rate), new Constant(0.9), new Constant(0.999), 1e-8, new Constant(0), false);
    }

    private static Recipe tried(Trial trial, double rate) {
        return trial.method()
                ? new FAdam(
                        new Constant(rate), new Constant(0.9), new Constant(0.999), 1e-8, 0.01, 0.5, 1, new Constant(0))
                : adam(rate);
    }

    @Override
    public Findings run(Trial trial) {
        Recipe own = tried(trial, 0.01);
        Sample first = trial.sample(seed -> first(own, new RandomStream(seed)));
        Sample larger = trial.sample(seed -> changed(own, 100, new RandomStream(seed)));
        Sample smaller = trial.sample(seed -> changed(own, 1e-9, new RandomStream(seed)));
        Sample smallerAdam = trial.sample(seed -> changed(adam(0.01), 1e-9, new RandomStream(seed)));
        Findings.Builder findings = Findings.table("", "Adam", "FAdam")
                .row("way changed by gradients times 1e-9", smallerAdam, smaller)
                .row("way changed by gradients times 100", "", larger);
        int steps = trial.pick(1500, 250);
        List<Sample> plain = new ArrayList<>();
        List<Sample> natural = new ArrayList<>();
        for (double rate : RATES) {
            plain.add(ends(trial, adam(rate), steps));
            natural.add(ends(trial, tried(trial, rate), steps));
            findings.row("loss in the end, rate " + rate, plain.getLast(), natural.getLast());
            trial.say("rate " + rate);
        }
        return findings.near("first step over η(1 − β₁)·sign g", first.mean(), 1, 1e-3)
                .atMost("way changed by gradients times 100", larger.max(), 1e-3)
                .atMost("way changed by gradients times 1e-9", smaller.max(), 0.02)
                .atLeast("that of Adam", smallerAdam.min(), 0.3)
                .atMost("loss at the better rate beside Adam's", best(natural) / best(plain), 1.01)
                .atMost("mean loss over the rates beside Adam's", mean(natural) / mean(plain), 0.99)
                .build();
    }

    private static double best(List<Sample> losses) {
        return losses.stream().mapToDouble(Sample::mean).min().orElseThrow();
    }

    private static double mean(List<Sample> losses) {
        return losses.stream().mapToDouble(Sample::mean).average().orElseThrow();
    }

    private static Sample ends(Trial trial, Recipe recipe, int steps) {
        return trial.sample(seed ->
                Reader.end(Reader.of(SIZES, recipe, new RandomStream(seed)).learn(steps)));
    }

    /// The mean over elements of the first step against the sign of the gradient, in units of `η(1 − β₁)`.
    private static double first(Recipe recipe, RandomStream random) {
        Tensor g = random.normal(DType.FLOAT32, ELEMENTS);
        double[] way = new Vector(Tensor.zeros(ELEMENTS), recipe).step(g);
        double[] slopes = g.toDoubleArray();
        double sum = 0;
        for (int i = 0; i < ELEMENTS; i++) {
            sum -= way[i] * Math.signum(slopes[i]) / (0.01 * 0.1);
        }
        return sum / ELEMENTS;
    }

    /// How far apart gradients and the same gradients times `scale` lead, over how far the former lead.
    private static double changed(Recipe recipe, double scale, RandomStream random) {
        Vector plain = new Vector(Tensor.zeros(ELEMENTS), recipe);
        Vector scaled = new Vector(Tensor.zeros(ELEMENTS), recipe);
        for (int step = 0; step < STEPS; step++) {
            Tensor g = random.split(step).normal(DType.FLOAT32, ELEMENTS);
            plain.step(g);
            scaled.step(g.mul(scale));
        }
        double apart = 0;
        double far = 0;
        for (int i = 0; i < ELEMENTS; i++) {
            apart += Math.abs(plain.values()[i] - scaled.values()[i]);
            far += Math.abs(plain.values()[i]);
        }
        return apart / far;
    }
}
