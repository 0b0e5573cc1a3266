package org.lehr.engine.papers.study;

import java.util.List;
import org.lehr.engine.optim.wrapper.Lawa;
import org.lehr.engine.papers.Examples;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Language;
import org.lehr.engine.papers.Learner;
import org.lehr.engine.papers.Pretraining;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Text;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Cosine;
import org.lehr.engine.tensor.RandomStream;

/// Luo et al. 2025: the best data last help at a constant rate, and are wasted where the rate is near zero by the time
/// that they arrive; a rate that falls by a third only, and the mean of the last weights, get the good of both.
///
/// A small language model sees a text of its language and one of another language with noise. The share of the good
/// text
/// rises along the run, or is a half throughout. Without the method it is a half in both.
public final class QualityLast implements Study {

    private static final double PEAK = 0.01;
    private static final int BATCH = 64;

    /// Where the rate ends, as a share of where it begins.
    private static final double[] ENDS = {1, 1.0 / 3, 0.001};

    /// A study without settings.
    public QualityLast() {}

    @Override
    public Claim claim() {
        return Claim.of(
                100,
                "What rising quality of the data gains over a random order is lost as the rate decays; a high last rate and"
                        + " the mean of the last weights keep it",
                "gain of rising quality: with a decay to zero at most 0.7 of that with a constant rate, which is at least"
                        + " 0.05; rising quality, a decay to a third and averaged weights have at most 0.995 of the loss"
                        + " with a decay to zero, and 0.98 of that of a random order with a decay to zero");
    }

    @Override
    public Findings run(Trial trial) {
        int steps = trial.pick(2000, 500);
        List<Sample> losses = trial.samples(seed -> losses(trial.method(), steps, new RandomStream(seed)));
        Findings.Builder findings = Findings.table(
                "last rate over first", "random order", "rising quality", "random, mean", "rising, mean");
        for (int i = 0; i < ENDS.length; i++) {
            findings.row(
                    ENDS[i], losses.get(4 * i), losses.get(4 * i + 2), losses.get(4 * i + 1), losses.get(4 * i + 3));
        }
        double constant = losses.get(0).minus(losses.get(2)).mean();
        double decayed = losses.get(8).minus(losses.get(10)).mean();
        return findings.atLeast("gain with a constant rate", constant, 0.05)
                .atMost("share of it with a decay to zero", decayed / constant, 0.7)
                .atMost(
                        "best mixture beside rising quality with a decay to zero",
                        losses.get(7).over(losses.get(10)).mean(),
                        0.995)
                .atMost(
                        "best mixture beside random order with a decay to zero",
                        losses.get(7).over(losses.get(8)).mean(),
                        0.98)
                .build();
    }

    /// For each end of the rate the losses of a random order and of rising quality, each of the last weights and of
    /// the
    /// mean of some.
    private static double[] losses(boolean method, int steps, RandomStream random) {
        Language language = Language.of(random.split("language"));
        Examples fresh = language.text(random.split("fresh"), 4096).all();
        Text good = language.text(random.split("good"), 200_000);
        Text poor = language.shifted(random.split("other"), 0.5).text(random.split("poor"), 200_000, 0.3);
        double[] losses = new double[4 * ENDS.length];
        for (int i = 0; i < losses.length; i += 2) {
            boolean rising = method && i % 4 == 2;
            RandomStream places = random.split("places");
            Learner learner = new Learner(
                    Text.model(64, random.split("model")),
                    step -> {
                        int best = (int) Math.round(BATCH * (rising ? (step + 0.5) / steps : 0.5));
                        return good.some(places.split(step), best)
                                .and(poor.some(places.split(step).split("poor"), BATCH - best));
                    },
                    new Lawa(10, steps / 100).around(Pretraining.adam(new Cosine(PEAK, PEAK * ENDS[i / 4], steps))));
            learner.learn(steps);
            losses[i] = learner.lossOf(fresh);
            losses[i + 1] = learner.trainer().optimizer().evaluating(() -> learner.lossOf(fresh));
        }
        return losses;
    }
}
