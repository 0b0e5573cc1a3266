package org.lehr.engine.papers.study;

import java.util.List;
import org.lehr.engine.papers.Domains;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Pretraining;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Cosine;
import org.lehr.engine.schedule.Decay;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.cycle.Rewarmed;
import org.lehr.engine.tensor.RandomStream;

/// Ibrahim et al. 2024: a model that was trained goes on with new data as well as if it were trained anew on all, when
/// the rate is warmed up and decays again and a part of the data is old.
///
/// Two made-up languages, half of whose statistics differ. Beside the whole recipe: without old data, without a second
/// warm-up, and a model trained on both languages at once for all steps. Without the method the recipe has neither.
public final class RewarmAndReplay implements Study {

    private static final double PEAK = 0.005;
    private static final double FLOOR = PEAK / 100;
    private static final double REPLAY = 0.25;

    /// A study without settings.
    public RewarmAndReplay() {}

    @Override
    public Claim claim() {
        return Claim.of(
                101,
                "Warming the rate up again, decaying it again and a share of old data come to the loss of a training on all"
                        + " data at once",
                "mean loss on both languages at most 1.02 of that of a training on both at once; without old data the loss"
                        + " on the first is at least 1.03 of that with it, without a second warm-up the loss on the second"
                        + " at least 1.03");
    }

    @Override
    public Findings run(Trial trial) {
        int steps = trial.pick(2000, 600);
        List<Sample> losses = trial.samples(seed -> losses(trial.method(), steps, new RandomStream(seed)));
        Findings.Builder findings = Findings.table("training", "first language", "second language");
        String[] names = {"whole recipe", "without old data", "without a second warm-up", "both at once"};
        for (int i = 0; i < names.length; i++) {
            findings.row(names[i], losses.get(2 * i), losses.get(2 * i + 1));
        }
        double whole = losses.get(0).mean() + losses.get(1).mean();
        return findings.atMost(
                        "mean loss beside both at once",
                        whole / (losses.get(6).mean() + losses.get(7).mean()),
                        1.02)
                .atLeast(
                        "first language without old data",
                        losses.get(2).over(losses.get(0)).mean(),
                        1.03)
                .atLeast(
                        "second language without a second warm-up",
                        losses.get(5).over(losses.get(1)).mean(),
                        1.03)
                .build();
    }

    private static double[] losses(boolean method, int steps, RandomStream random) {
        Domains domains = new Domains(random, 2, 0.5);
        Schedule twice = new Rewarmed(PEAK, FLOOR, List.of((long) steps, 2L * steps), 0.02, Decay.COSINE);
        Schedule once = new Rewarmed(PEAK, FLOOR, List.of((long) steps), 0.02, Decay.COSINE);
        List<Pretraining> runs = List.of(
                domains.begin(steps, method ? REPLAY : 0),
                domains.begin(steps, 0),
                domains.begin(steps, REPLAY),
                domains.together());
        List<Schedule> schedules =
                List.of(method ? twice : once, twice, once, new Cosine(PEAK, FLOOR, 2L * steps).warmUp(steps / 50));
        double[] losses = new double[2 * runs.size()];
        for (int i = 0; i < runs.size(); i++) {
            runs.get(i).follow(schedules.get(i), 2L * steps);
            losses[2 * i] = runs.get(i).lossOf(domains.fresh(0));
            losses[2 * i + 1] = runs.get(i).lossOf(domains.fresh(1));
        }
        return losses;
    }
}
