package org.lehr.engine.papers.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lehr.engine.papers.Domains;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Pretraining;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Decay;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.cycle.Rewarmed;
import org.lehr.engine.tensor.RandomStream;

/// Gupta et al. 2023: when a trained model goes on with new data, warming the rate up again first raises the loss on
/// old
/// data and new; a higher peak learns the new data better and forgets more; how long the warm-up takes hardly matters.
///
/// Two made-up languages that differ in a fiftieth of their statistics, as the corpora of the paper differ little, and
/// for the peaks two that differ in three tenths. Without the method the rate stays where the first training ended.
public final class WarmedAgain implements Study {

    private static final double PEAK = 0.005;
    private static final double FLOOR = PEAK / 100;
    private static final double[] PEAKS = {PEAK / 10, PEAK / 3, PEAK};
    private static final List<String> SHARES = List.of("a tenth", "a third", "all");
    private static final double[] WARMS = {0, 0.01, 0.02};

    /// A study without settings.
    public WarmedAgain() {}

    @Override
    public Claim claim() {
        return Claim.of(
                110,
                "Warming up again first raises the loss on old and on new data; a higher peak ends better on the new and"
                        + " worse on the old; the length of the warm-up hardly matters; going on beats beginning anew",
                "little shift: highest loss soon after over that before, old and new data: at least 1.005; large shift, peaks a"
                        + " tenth, a third and all of the first: the loss on new data falls by 0.02 with each, that on old"
                        + " data rises by 0.02; warm-ups of 0, 1 and 2 %: within 0.01; a new model on new data: at least 1.005");
    }

    @Override
    public Findings run(Trial trial) {
        int steps = trial.pick(2000, 500);
        List<Sample> found = trial.samples(seed -> {
            double[] little = bump(trial.method(), new Domains(new RandomStream(seed), 2, 0.02), steps);
            double[] large = sweep(trial.method(), new Domains(new RandomStream(seed), 2, 0.3), steps);
            double[] all = Arrays.copyOf(little, little.length + large.length);
            System.arraycopy(large, 0, all, little.length, large.length);
            return all;
        });
        Findings.Builder findings = Findings.table("run", "old data", "new data");
        findings.row("highest over first, little shift", found.get(0), found.get(1));
        for (int i = 0; i < PEAKS.length; i++) {
            findings.row("peak: " + SHARES.get(i) + " of the first", found.get(2 + 2 * i), found.get(3 + 2 * i));
        }
        List<Double> ends = new ArrayList<>();
        for (int i = 0; i < WARMS.length; i++) {
            findings.row("warm-up " + WARMS[i], found.get(8 + 2 * i), found.get(9 + 2 * i));
            ends.add(found.get(9 + 2 * i).mean());
        }
        findings.row("new model", "", found.get(14))
                .atLeast("old data, highest loss soon after", found.get(0).mean(), 1.005)
                .atLeast("new data, highest loss soon after", found.get(1).mean(), 1.005);
        for (int i = 1; i < PEAKS.length; i++) {
            findings.atLeast(
                            "fall on new data from a smaller peak to " + SHARES.get(i),
                            found.get(1 + 2 * i).minus(found.get(3 + 2 * i)).mean(),
                            0.02)
                    .atLeast(
                            "rise on old data from a smaller peak to " + SHARES.get(i),
                            found.get(2 + 2 * i).minus(found.get(2 * i)).mean(),
                            0.02);
        }
        double spread = ends.stream().max(Double::compare).orElseThrow()
                - ends.stream().min(Double::compare).orElseThrow();
        return findings.atMost("spread between warm-ups", spread, 0.01)
                .atLeast(
                        "a new model beside going on",
                        found.get(14).over(found.get(7)).mean(),
                        1.005)
                .build();
    }

    /// The highest losses on old and new data in the first fifth of the second language, over those before.
    private static double[] bump(boolean method, Domains domains, int steps) {
        Pretraining run = trained(domains, steps);
        double[] before = {run.lossOf(domains.fresh(0)), run.lossOf(domains.fresh(1))};
        double[] most = before.clone();
        for (int look = 1; look <= 5; look++) {
            run.follow(again(method, PEAK, 0.01, steps), steps + steps * look / 25);
            for (int i = 0; i < 2; i++) {
                most[i] = Math.max(most[i], run.lossOf(domains.fresh(i)));
            }
        }
        return new double[] {most[0] / before[0], most[1] / before[1]};
    }

    /// Last losses on old and new data for each peak and for each warm-up, and of a new model on new data.
    private static double[] sweep(boolean method, Domains domains, int steps) {
        double[] losses = new double[2 * PEAKS.length + 2 * WARMS.length + 1];
        Pretraining run = trained(domains, steps);
        try (var saved = run.save()) {
            for (int i = 0; i < PEAKS.length + WARMS.length; i++) {
                double peak = i < PEAKS.length ? PEAKS[i] : PEAK;
                double warm = i < PEAKS.length ? 0.01 : WARMS[i - PEAKS.length];
                run.follow(again(method, peak, warm, steps), 2L * steps);
                losses[2 * i] = run.lossOf(domains.fresh(0));
                losses[2 * i + 1] = run.lossOf(domains.fresh(1));
                saved.restore();
            }
        }
        Pretraining anew = domains.alone(1);
        anew.follow(new Rewarmed(PEAK, FLOOR, List.of((long) steps), 0.02, Decay.COSINE), steps);
        losses[losses.length - 1] = anew.lossOf(domains.fresh(1));
        return losses;
    }

    private static Pretraining trained(Domains domains, long steps) {
        Pretraining run = domains.begin(steps, 0);
        run.follow(new Rewarmed(PEAK, FLOOR, List.of(steps), 0.02, Decay.COSINE), steps);
        return run;
    }

    private static Schedule again(boolean method, double peak, double warm, long steps) {
        Schedule second = new Rewarmed(peak, Math.min(peak, FLOOR), List.of(steps), warm, Decay.COSINE);
        return new Constant(FLOOR).then(steps, method ? second : new Constant(FLOOR));
    }
}
