package org.lehr.engine.papers.study;

import java.util.List;
import org.lehr.engine.papers.Examples;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Language;
import org.lehr.engine.papers.Pretraining;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Text;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Cosine;
import org.lehr.engine.schedule.Decay;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.Wsd;
import org.lehr.engine.tensor.RandomStream;

/// Hu et al. 2024 (MiniCPM): warm-up, a long stage at one rate and a short decay do as well as a cosine whose length
/// was
/// known beforehand; the loss drops in the decay, and one run at one rate serves models of any length.
///
/// From one run at the full rate, decays branch off at three places; each is compared with a cosine of that very
/// length,
/// and one with a run that was planned so, to the bit. Without the method there is one cosine over the longest length,
/// whose models on the way are taken as they are. Laws of scale and of width are not part of this study.
public final class StableThenDecay implements Study {

    private static final double PEAK = 0.005;
    private static final double FLOOR = PEAK / 100;
    private static final int WARM_UP = 20;

    /// A study without settings.
    public StableThenDecay() {}

    @Override
    public Claim claim() {
        return Claim.of(
                208,
                "Warm-up, a stable stage and a decay over the last tenth come to the loss of a cosine of the same length;"
                        + " most of the late gain comes in the decay, and one stable run can be branched to any length",
                "loss of branches at a quarter, half and all of a run over that of a cosine of the same length: at most 1.01;"
                        + " fall of the loss in the decay over that in as many steps before: at least 2;"
                        + " a branch is the run that was planned so, to 1e-12");
    }

    @Override
    public Findings run(Trial trial) {
        int longest = trial.pick(4000, 720);
        int[] lengths = {longest / 4, longest / 2, longest};
        List<Sample> losses = trial.samples(seed -> losses(trial.method(), lengths, new RandomStream(seed)));
        Findings.Builder findings = Findings.table("steps", "cosine", "branch", "before the branch");
        for (int i = 0; i < lengths.length; i++) {
            findings.row(lengths[i], losses.get(i), losses.get(3 + i), losses.get(6 + i));
        }
        for (int i = 0; i < lengths.length; i++) {
            findings.atMost(
                    "branch beside a cosine of " + lengths[i] + " steps",
                    losses.get(3 + i).over(losses.get(i)).mean(),
                    1.01);
        }
        Sample within = losses.get(8).minus(losses.get(5));
        Sample before = losses.get(9).minus(losses.get(8));
        return findings.atLeast("fall in the decay beside that before", within.mean() / before.mean(), 2)
                .near(
                        "planned run beside the branch",
                        losses.get(10).over(losses.get(4)).max(),
                        1,
                        1e-12)
                .build();
    }

    /// Of cosines, of branches, of where they begin; some way before the last one; of the planned run.
    private static double[] losses(boolean method, int[] lengths, RandomStream random) {
        int longest = lengths[lengths.length - 1];
        Language language = Language.of(random.split("language"));
        Examples fresh = language.text(random.split("fresh"), 4096).all();
        double[] losses = new double[11];
        for (int i = 0; i < lengths.length; i++) {
            losses[i] =
                    finished(language, random, cosine(lengths[i]), lengths[i]).lossOf(fresh);
        }
        Schedule trunk = method ? wsd(longest) : cosine(longest);
        Pretraining run = begin(language, random);
        for (int i = 0; i < lengths.length; i++) {
            int decay = lengths[i] / 10;
            if (i == lengths.length - 1) {
                run.follow(trunk, longest - 2 * decay);
                losses[9] = run.lossOf(fresh);
            }
            run.follow(trunk, lengths[i] - decay);
            losses[6 + i] = run.lossOf(fresh);
            try (var saved = run.save()) {
                run.follow(method ? trunk.branch(lengths[i] - decay, decay, FLOOR, Decay.LINEAR) : trunk, lengths[i]);
                losses[3 + i] = run.lossOf(fresh);
                saved.restore();
            }
        }
        Schedule plan = method ? wsd(lengths[1]) : cosine(lengths[1]);
        losses[10] = finished(language, random, plan, lengths[1]).lossOf(fresh);
        return losses;
    }

    private static Pretraining begin(Language language, RandomStream random) {
        Text text = language.text(random.split("text"), 400_000);
        RandomStream places = random.split("places");
        return new Pretraining(Text.model(64, random.split("model")), step -> text.some(places.split(step), 64));
    }

    private static Pretraining finished(Language language, RandomStream random, Schedule schedule, int steps) {
        Pretraining run = begin(language, random);
        run.follow(schedule, steps);
        return run;
    }

    private static Schedule wsd(int steps) {
        return new Wsd(PEAK, FLOOR, WARM_UP, steps - steps / 10 - WARM_UP, steps / 10, Decay.LINEAR);
    }

    private static Schedule cosine(int steps) {
        return new Cosine(PEAK, FLOOR, steps - WARM_UP).warmUp(WARM_UP);
    }
}
