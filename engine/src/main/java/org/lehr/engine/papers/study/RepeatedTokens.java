package org.lehr.engine.papers.study;

import java.util.List;
import org.lehr.engine.nn.Dropout;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.recipe.AdamW;
import org.lehr.engine.papers.Examples;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Language;
import org.lehr.engine.papers.Learner;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Text;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Cosine;
import org.lehr.engine.tensor.RandomStream;

/// Xue et al. 2023: a language model that reads the same tokens again and again ends worse the fewer they are, a larger
/// one more so; dropout repairs a good part of it, and weight decay does not.
///
/// The number of tokens read is fixed, that of distinct ones is all, a quarter or a twentieth. The rise comes out; that
/// weight decay does not help does not, for a model with one hidden layer of a few thousand parameters. Experts and a
/// late dropout
/// are not part of this study. Without the method there is no dropout.
public final class RepeatedTokens implements Study {

    private static final int BATCH = 64;
    private static final double PEAK = 0.005;
    private static final double[] SHARES = {1, 0.25, 0.05};
    private static final int SMALL = 16;
    private static final int LARGE = 128;

    /// A study without settings.
    public RepeatedTokens() {}

    @Override
    public Claim claim() {
        return new Claim(
                118,
                "With as many tokens read in all, the loss rises as distinct ones become fewer, more so for a larger model;"
                        + " dropout takes back a good part of it, weight decay does not",
                "loss with a twentieth of the tokens above that with all: for the large model at least 0.05, and at least 1.5"
                        + " times that of the small one; dropout takes back at least 0.25 of it, and weight decay of 0.1 at"
                        + " most half of what dropout does",
                Expectation.fails(
                        "the loss rises as claimed, but at this size a weight decay of 0.1 takes back as much of it"
                                + " as a dropout of 0.2, each about a fifth"));
    }

    @Override
    public Findings run(Trial trial) {
        int steps = trial.pick(2000, 600);
        double dropout = trial.method() ? 0.2 : 0;
        List<Sample> found = trial.samples(seed -> {
            Reading reading = new Reading(new RandomStream(seed), steps);
            double[] losses = new double[2 * SHARES.length + 2];
            for (int i = 0; i < SHARES.length; i++) {
                losses[2 * i] = reading.loss(SMALL, SHARES[i], 0, 0);
                losses[2 * i + 1] = reading.loss(LARGE, SHARES[i], 0, 0);
            }
            losses[6] = reading.loss(LARGE, SHARES[2], dropout, 0);
            losses[7] = reading.loss(LARGE, SHARES[2], 0, 0.1);
            return losses;
        });
        Findings.Builder findings = Findings.table("share of distinct tokens", "small model", "large model");
        for (int i = 0; i < SHARES.length; i++) {
            findings.row(SHARES[i], found.get(2 * i), found.get(2 * i + 1));
        }
        double small = found.get(4).minus(found.get(0)).mean();
        double large = found.get(5).minus(found.get(1)).mean();
        double dropped = found.get(5).minus(found.get(6)).mean();
        double decayed = found.get(5).minus(found.get(7)).mean();
        return findings.row(SHARES[2] + ", dropout", "", found.get(6))
                .row(SHARES[2] + ", weight decay", "", found.get(7))
                .atLeast("rise of the loss of the large model", large, 0.05)
                .atLeast("the same beside the small model", large / small, 1.5)
                .atLeast("share that dropout takes back", dropped / large, 0.25)
                .atMost("what weight decay takes back beside dropout", decayed / dropped, 0.5)
                .build();
    }

    private static final class Reading {

        private final RandomStream random;
        private final int steps;
        private final Language language;
        private final Examples fresh;

        Reading(RandomStream random, int steps) {
            this.random = random;
            this.steps = steps;
            language = Language.of(random.split("language"));
            fresh = language.text(random.split("fresh"), 4096).all();
        }

        double loss(int width, double share, double dropout, double weightDecay) {
            Text text = language.text(random.split("text"), (int) (share * steps * BATCH));
            RandomStream places = random.split("places");
            Layer model = Text.model(width, new Dropout(dropout, random.split("dropout")), random.split("model"));
            Recipe recipe = new AdamW(
                    new Cosine(PEAK, PEAK / 100, steps),
                    new Constant(0.9),
                    new Constant(0.99),
                    1e-8,
                    new Constant(weightDecay),
                    false);
            Learner learner = new Learner(model, step -> text.some(places.split(step), BATCH), recipe);
            learner.learn(steps);
            return learner.lossOf(fresh);
        }
    }
}
