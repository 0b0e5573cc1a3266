package org.lehr.engine.papers.study;

import java.util.Arrays;
import org.lehr.engine.nn.transformer.NormPlacement;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.recipe.Adafactor;
import org.lehr.engine.optim.recipe.Adam;
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

/// Shazeer, Stern 2018: of the running squares of a matrix the means of rows and columns are enough, which takes a
/// small
/// part of Adam's memory and learns as well; updates limited in size bear sudden large gradients.
///
/// Rank-one squares, where nothing is lost, are tried on a matrix beside the same numbers as a vector, whose squares
/// are
/// kept whole; memory and quality with a small decoder at the same rates as Adam.
public final class FactoredMoments implements Study {

    private static final Reader.Sizes SIZES = new Reader.Sizes(2, 32, NormPlacement.PRE);
    private static final double[] RATES = {0.003, 0.01};
    private static final int ROWS = 24;
    private static final int COLUMNS = 40;

    /// A study without settings.
    public FactoredMoments() {}

    @Override
    public Claim claim() {
        return Claim.of(
                211,
                "Running squares kept as means of rows and columns take a small part of Adam's memory and learn as well",
                "a decoder at the better of two rates: state at most 5 % of Adam's, loss at most 1.02 of Adam's; squares of"
                        + " rank one: steps as with whole squares (± 1e-5); a gradient 100 times as large: a step of at"
                        + " most the rate (root mean square), without the limit at least twice that");
    }

    private static Recipe adam(double rate) {
        return new Adam(new Constant(rate), new Constant(0.9), new Constant(0.999), 1e-8, new Constant(0), false);
    }

    private static Recipe adafactor(double rate, double clip) {
        return new Adafactor(new Constant(rate), false, -0.8, 1e-30, 1e-3, clip, new Constant(0), new Constant(0));
    }

    private static Recipe tried(Trial trial, double rate) {
        return trial.method()
                ? new Adafactor(new Constant(rate), false, -0.8, 1e-30, 1e-3, 1, new Constant(0), new Constant(0))
                : adam(rate);
    }

    @Override
    public Findings run(Trial trial) {
        Sample rankOne = trial.sample(seed -> rankOne(tried(trial, 0.01), new RandomStream(seed)));
        Sample spike = trial.sample(seed -> spike(tried(trial, 0.01), new RandomStream(seed)));
        Sample spikeFree = trial.sample(seed -> spike(adafactor(0.01, 1e9), new RandomStream(seed)));
        Findings.Builder findings = Findings.table("", "Adam", "Adafactor")
                .row("step after a gradient 100 times as large, in rates", "", spike)
                .row("the same without a limit", "", spikeFree);
        int steps = trial.pick(1500, 250);
        double plain = Double.POSITIVE_INFINITY;
        double factored = Double.POSITIVE_INFINITY;
        for (double rate : RATES) {
            Sample losses = ends(trial, adam(rate), steps);
            Sample own = ends(trial, tried(trial, rate), steps);
            findings.row("loss in the end, rate " + rate, losses, own);
            plain = Math.min(plain, losses.mean());
            factored = Math.min(factored, own.mean());
            trial.say("rate " + rate);
        }
        double bytesAdam = bytes(adam(0.01));
        double bytes = bytes(tried(trial, 0.01));
        return findings.row("state, bytes", bytesAdam, bytes)
                .atMost("state beside Adam's", bytes / bytesAdam, 0.05)
                .atMost("loss beside Adam's", factored / plain, 1.02)
                .atMost("difference from whole squares, rank one", rankOne.max(), 1e-5)
                .atMost("step after a large gradient, in rates", spike.max(), 1.0001)
                .atLeast("the same without a limit", spikeFree.min(), 2)
                .build();
    }

    private static Sample ends(Trial trial, Recipe recipe, int steps) {
        return trial.sample(seed ->
                Reader.end(Reader.of(SIZES, recipe, new RandomStream(seed)).learn(steps)));
    }

    private static double bytes(Recipe recipe) {
        return Reader.of(SIZES, recipe, new RandomStream(1))
                .trainer()
                .optimizer()
                .stateBytes();
    }

    /// The largest difference between a step of a matrix and of the same numbers as a vector, in the largest step,
    /// where the squares of all gradients have rank one. A matrix that takes no fewer numbers than the vector keeps
    /// its
    /// squares whole, and proves nothing: infinite then.
    private static double rankOne(Recipe recipe, RandomStream random) {
        Vector matrix = new Vector(Tensor.zeros(ROWS, COLUMNS), recipe);
        Vector whole = new Vector(Tensor.zeros(ROWS * COLUMNS), recipe);
        Tensor rows = random.split("rows").normal(DType.FLOAT32, ROWS, 1);
        Tensor columns = random.split("columns").normal(DType.FLOAT32, 1, COLUMNS);
        double apart = 0;
        double largest = 0;
        for (int step = 0; step < 20; step++) {
            Tensor signs =
                    random.split(step).uniform(DType.FLOAT32, ROWS, COLUMNS).sub(0.5);
            Tensor g = rows.mul(columns).mul(signs.div(signs.abs()));
            double[] way = matrix.step(g);
            double[] other = whole.step(g.reshape(ROWS * COLUMNS));
            for (int i = 0; i < way.length; i++) {
                apart = Math.max(apart, Math.abs(way[i] - other[i]));
                largest = Math.max(largest, Math.abs(other[i]));
            }
        }
        boolean factored = matrix.optimizer().stateBytes() < whole.optimizer().stateBytes();
        return factored ? apart / largest : Double.POSITIVE_INFINITY;
    }

    /// The root mean square of the step that a gradient 100 times as large makes after 100 usual ones, at rate
    /// 0.01.
    private static double spike(Recipe recipe, RandomStream random) {
        Vector matrix = new Vector(Tensor.zeros(ROWS, COLUMNS), recipe);
        for (int step = 0; step < 100; step++) {
            matrix.step(random.split(step).normal(DType.FLOAT32, ROWS, COLUMNS));
        }
        double[] way = matrix.step(
                random.split("spike").normal(DType.FLOAT32, ROWS, COLUMNS).mul(100));
        double squares = Arrays.stream(way).map(x -> x * x).sum();
        return Math.sqrt(squares / way.length) / 0.01;
    }
}
