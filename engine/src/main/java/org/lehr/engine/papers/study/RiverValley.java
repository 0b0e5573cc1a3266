package org.lehr.engine.papers.study;

import java.util.Arrays;
import java.util.List;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Cosine;
import org.lehr.engine.schedule.Decay;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.cycle.Rewarmed;
import org.lehr.engine.schedule.cycle.WsdS;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.train.run.Chart;
import org.lehr.engine.train.run.Series;
import org.lehr.kernels.DType;

/// Wen et al. 2024: where the loss is a river in a valley with steep sides, a high rate goes far along the river while
/// it swings between the sides; a short decay ends the swinging and shows how far it got. So one run that holds its
/// rate, decays for each budget and goes on at the peak from there (WSD-S) is better at later budgets than a cosine for
/// each stretch, and nearly as good as a cosine run made for each budget alone.
///
/// The loss is the paper's picture in formulas: `½a·y² + 1/(1 + x)` in many steep directions `y` with noisy gradients,
/// and one flat direction `x`, with three budgets. The paper's language models are left out.
public final class RiverValley implements Study {

    private static final double STEEP = 1;
    private static final int SIDES = 100;
    private static final double NOISE = 1;
    private static final double PEAK = 0.5;
    private static final double FLOOR = 0.005;

    /// A study without settings.
    public RiverValley() {}

    @Override
    public Claim claim() {
        return Claim.of(
                92,
                "In a river valley a held rate advances along the river under a high loss, and a short decay brings the"
                        + " loss down; decays within one run (WSD-S) beat cosines within one run and come close to a cosine"
                        + " run for each budget",
                "a noisy valley, three budgets: in the last decay the loss falls to at most 0.7 while the river is followed"
                        + " for at most 0.15 of the way; loss at the later two budgets at most 0.97 of cyclic cosine and"
                        + " 1.02 of a cosine for that budget alone");
    }

    /// Where a run was at each step.
    private record Run(double[] loss, double[] river) {}

    @Override
    public Findings run(Trial trial) {
        long unit = trial.pick(4000, 1000);
        List<Long> ends = List.of(unit, 2 * unit, 4 * unit);
        int steps = Math.toIntExact(4 * unit);
        Schedule cyclic = new Rewarmed(PEAK, FLOOR, ends, 0, Decay.COSINE);
        Schedule held = trial.method() ? new WsdS(PEAK, FLOOR, ends, 0.1, Decay.INVERSE_PROPORTIONAL) : cyclic;
        double[][][] losses = new double[3][ends.size()][trial.seeds()];
        double[] fall = new double[trial.seeds()];
        double[] way = new double[trial.seeds()];
        Run shown = null;
        for (long seed : trial.each()) {
            int at = (int) seed - 1;
            Run own = descend(held, steps, new RandomStream(seed));
            Run waves = descend(cyclic, steps, new RandomStream(seed));
            shown = shown == null ? own : shown;
            for (int i = 0; i < ends.size(); i++) {
                int end = Math.toIntExact(ends.get(i));
                losses[0][i][at] = own.loss[end];
                losses[1][i][at] = waves.loss[end];
                losses[2][i][at] = descend(new Cosine(PEAK, FLOOR, end), end, new RandomStream(seed)).loss[end];
            }
            int from = steps - steps / 10;
            fall[at] = own.loss[steps] / own.loss[from];
            way[at] = (own.river[steps] - own.river[from]) / own.river[steps];
            trial.say("seed " + seed);
        }
        Sample[][] of = new Sample[3][ends.size()];
        for (int kind = 0; kind < 3; kind++) {
            for (int i = 0; i < ends.size(); i++) {
                of[kind][i] = new Sample(losses[kind][i]);
            }
        }
        Findings.Builder findings = Findings.table("schedule", "first budget", "second", "third")
                .row("WSD-S", of[0][0], of[0][1], of[0][2])
                .row("cyclic cosine", of[1][0], of[1][1], of[1][2])
                .row("a cosine for each", of[2][0], of[2][1], of[2][2])
                .atMost("loss after over before the last decay", new Sample(fall).mean(), 0.7)
                .atMost("share of the river in the last decay", new Sample(way).mean(), 0.15);
        for (int i = 1; i < ends.size(); i++) {
            findings.atMost(
                    "WSD-S beside cyclic cosine, budget " + (i + 1),
                    of[0][i].over(of[1][i]).mean(),
                    0.97);
            findings.atMost(
                    "WSD-S beside its own cosine, budget " + (i + 1),
                    of[0][i].over(of[2][i]).mean(),
                    1.02);
        }
        return findings.chart(chart(shown)).build();
    }

    private static Chart chart(Run run) {
        double[] x = new double[run.loss.length];
        Arrays.setAll(x, i -> i);
        return new Chart(
                "One run with decays",
                "step",
                Chart.Scale.LOGARITHMIC,
                false,
                List.of(new Series("loss", x, run.loss, Series.Style.LINE)));
    }

    private static Run descend(Schedule rate, int steps, RandomStream random) {
        double[] sides = new double[SIDES];
        double[] loss = new double[steps + 1];
        double[] river = new double[steps + 1];
        double x = 0;
        for (int step = 0; step <= steps; step++) {
            double squares = 0;
            for (double side : sides) {
                squares += side * side;
            }
            loss[step] = 0.5 * STEEP * squares / SIDES + 1 / (1 + x);
            river[step] = x;
            double eta = rate.at(step);
            double[] noise = random.split(step).normal(DType.FLOAT64, SIDES).toDoubleArray();
            for (int i = 0; i < SIDES; i++) {
                sides[i] -= eta * (STEEP * sides[i] + NOISE * noise[i]);
            }
            x += eta / ((1 + x) * (1 + x));
        }
        return new Run(loss, river);
    }
}
