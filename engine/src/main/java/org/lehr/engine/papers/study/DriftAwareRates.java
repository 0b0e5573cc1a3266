package org.lehr.engine.papers.study;

import java.util.Arrays;
import java.util.List;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.control.DriftAware;
import org.lehr.engine.schedule.control.DynamicRegret;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.train.run.Chart;
import org.lehr.engine.train.run.Series;
import org.lehr.kernels.DType;

/// Fahrbach et al. 2023: where the true parameters of a linear regression jump from time to time, the rate that is best
/// for each next step follows from a recursion of the risk. It rises with each jump and then falls, and loses less to
/// one who knows the parameters than any constant rate, or one that falls like `1/t`.
///
/// Beside the regret, the risk that the recursion predicts is compared with the squared errors that are measured, and
/// a stream without jumps must give rates that fall like `1/t`. Steps are taken in plain arithmetic, one example each.
public final class DriftAwareRates implements Study {

    private static final int DIMENSION = 20;
    private static final double NOISE = 0.5;
    private static final int STEPS = 2000;
    private static final int PERIOD = 500;
    private static final DriftAware.Form FORM = new DriftAware.Form(DIMENSION, NOISE, 1, 0);
    private static final List<Double> CONSTANTS = List.of(0.003, 0.01, 0.02, 0.03);

    /// A study without settings.
    public DriftAwareRates() {}

    @Override
    public Claim claim() {
        return Claim.of(
                239,
                "Rates from a recursion of the risk, which jump up with each shift of the distribution, have less dynamic"
                        + " regret than rates that do not know of shifts",
                "linear regression with a jump every 500 of 2000 steps: mean squared error at most 0.8 of that of the"
                        + " best of four constant rates and 0.5 of that of 1/t, and within 15 % of the predicted risk;"
                        + " without jumps the rate halves when the steps double (± 5 %)");
    }

    @Override
    public Findings run(Trial trial) {
        double[] drifts = new double[STEPS];
        for (int step = 0; step < STEPS; step += PERIOD) {
            drifts[step] = 1;
        }
        double[] still = new double[STEPS];
        still[0] = 1;
        Schedule aware = DriftAware.schedule(FORM, drifts);
        Schedule settled = DriftAware.schedule(FORM, still);
        Schedule tried = trial.method() ? aware : new Constant(0.01);
        int streams = trial.pick(50, 10);
        Sample own = regret(trial, tried, streams);
        Sample falling = regret(trial, settled, streams);
        Findings.Builder findings = Findings.table("rate", "mean squared error of the parameters");
        findings.row("by the risk", own).row("best without jumps, like 1/t", falling);
        double best = Double.POSITIVE_INFINITY;
        for (double rate : CONSTANTS) {
            Sample constant = regret(trial, new Constant(rate), streams);
            findings.row("constant " + rate, constant);
            best = Math.min(best, constant.mean());
        }
        double predicted = predicted(drifts);
        return findings.row("by the risk, predicted", predicted)
                .atMost("error beside the best constant rate", own.mean() / best, 0.8)
                .atMost("error beside 1/t", own.mean() / falling.mean(), 0.5)
                .near("error beside the predicted risk", own.mean() / predicted, 1, 0.15)
                .near(
                        "rate after 1000 steps without jumps over that after 2000",
                        settled.at(999) / settled.at(1999),
                        2,
                        0.1)
                .chart(new Chart(
                        "Rate",
                        "step",
                        Chart.Scale.LOGARITHMIC,
                        false,
                        List.of(line("by the risk", aware), line("best without jumps", settled))))
                .build();
    }

    private static Series line(String name, Schedule schedule) {
        double[] x = new double[STEPS];
        Arrays.setAll(x, i -> i);
        return new Series(name, x, schedule.sample(STEPS, STEPS), Series.Style.LINE);
    }

    /// The mean over the run of the risk after each drift.
    private static double predicted(double... drifts) {
        DriftAware controller = new DriftAware(FORM);
        DynamicRegret regret = new DynamicRegret();
        for (double drift : drifts) {
            controller.drifted(drift);
            regret.observe(controller.risk(), 0);
            controller.stepped();
        }
        return regret.mean();
    }

    private static Sample regret(Trial trial, Schedule rate, int streams) {
        return trial.sample(seed -> {
            DynamicRegret regret = new DynamicRegret();
            for (int stream = 0; stream < streams; stream++) {
                follow(rate, new RandomStream(seed).split(stream), regret);
            }
            return regret.mean();
        });
    }

    private static void follow(Schedule rate, RandomStream random, DynamicRegret regret) {
        double[] inputs =
                random.split("x").normal(DType.FLOAT64, STEPS, DIMENSION).toDoubleArray();
        double[] noise = random.split("noise").normal(DType.FLOAT64, STEPS).toDoubleArray();
        double[] truth = new double[DIMENSION];
        double[] found = new double[DIMENSION];
        for (int step = 0; step < STEPS; step++) {
            if (step % PERIOD == 0) {
                jump(truth, random.split("jump").split(step));
            }
            double error = -NOISE * noise[step];
            double squares = 0;
            for (int i = 0; i < DIMENSION; i++) {
                double off = found[i] - truth[i];
                squares += off * off;
                error += inputs[step * DIMENSION + i] * off;
            }
            regret.observe(squares, 0);
            double factor = rate.at(step) * error;
            for (int i = 0; i < DIMENSION; i++) {
                found[i] -= factor * inputs[step * DIMENSION + i];
            }
        }
    }

    /// Moves by a vector of length 1 in a random direction.
    private static void jump(double[] truth, RandomStream random) {
        double[] direction = random.normal(DType.FLOAT64, DIMENSION).toDoubleArray();
        double length = Math.sqrt(Arrays.stream(direction).map(x -> x * x).sum());
        for (int i = 0; i < DIMENSION; i++) {
            truth[i] += direction[i] / length;
        }
    }
}
