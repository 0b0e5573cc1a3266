package org.lehr.engine.papers.study;

import java.util.List;
import org.lehr.engine.papers.Domains;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Pretraining;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Decay;
import org.lehr.engine.schedule.Infinite;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.cycle.Rewarmed;
import org.lehr.engine.tensor.RandomStream;

/// Singh et al. 2025: a rate that stays at one level over all tasks, and is annealed only where a finished model is
/// wanted, forgets less than a cosine that is warmed up for each task.
///
/// Three made-up languages one after the other, with a small share of old data. After each a copy of the run is
/// annealed
/// and measured; the run itself goes on from before. Without the method it is warmed up again like its rival.
public final class RatesWithoutEnd implements Study {

    private static final double PEAK = 0.01;
    private static final double FLOOR = PEAK / 100;
    private static final int TASKS = 3;
    private static final double REPLAY = 0.05;

    /// A study without settings.
    public RatesWithoutEnd() {}

    @Override
    public Claim claim() {
        return Claim.of(
                95,
                "A schedule without an end, annealed for a model only, comes to a lower mean loss over the tasks than"
                        + " repeated cosines of the same peak, and forgets less",
                "after three languages, at every seed: mean loss over all three and rise of the loss on the first one"
                        + " below those of repeated cosines; the latter by 0.02 of theirs; the"
                        + " annealing begins at the level to 1e-9");
    }

    @Override
    public Findings run(Trial trial) {
        int steps = trial.pick(1500, 400);
        List<Sample> found = trial.samples(seed -> {
            Domains domains = new Domains(new RandomStream(seed), TASKS, 0.3);
            double[] cosines = figures(domains, cosines(steps), steps);
            double[] level = figures(domains, trial.method() ? infinite(steps) : cosines(steps), steps);
            return new double[] {cosines[0], cosines[1], level[0], level[1]};
        });
        Sample loss = found.get(2).over(found.get(0));
        Sample forgotten = found.get(3).over(found.get(1));
        Infinite infinite = infinite(steps);
        int from = TASKS * steps - steps / 4;
        return Findings.table("schedule", "mean loss on all languages", "rise of the loss on the first")
                .row("repeated cosines", found.get(0), found.get(1))
                .row("without an end", found.get(2), found.get(3))
                .atMost("largest mean loss beside repeated cosines", loss.max(), 1)
                .atMost("largest forgetting beside repeated cosines", forgotten.max(), 0.98)
                .near(
                        "where the annealing begins, beside the level",
                        infinite.annealed(from, steps / 4, FLOOR).at(from) / infinite.level(),
                        1,
                        1e-9)
                .build();
    }

    /// Mean loss on all languages after the last one, and how much the loss on the first one rose since it ended.
    private static double[] figures(Domains domains, Schedule trunk, int steps) {
        Pretraining run = domains.begin(steps, REPLAY);
        double first = 0;
        double mean = 0;
        double last = 0;
        for (int task = 0; task < TASKS; task++) {
            int end = (task + 1) * steps;
            int from = end - steps / 4;
            run.follow(trunk, from);
            try (var saved = run.save()) {
                run.follow(trunk instanceof Infinite endless ? endless.annealed(from, steps / 4, FLOOR) : trunk, end);
                last = run.lossOf(domains.fresh(0));
                first = task == 0 ? last : first;
                mean = domains.meanLoss(run);
                saved.restore();
            }
            run.follow(trunk, end);
        }
        return new double[] {mean, last - first};
    }

    private static Schedule cosines(long steps) {
        return new Rewarmed(PEAK, FLOOR, List.of(steps, 2 * steps, 3 * steps), 0.02, Decay.COSINE);
    }

    private static Infinite infinite(int steps) {
        return new Infinite(PEAK, PEAK / 4, steps / 2, Decay.COSINE);
    }
}
