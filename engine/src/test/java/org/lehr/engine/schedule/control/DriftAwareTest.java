package org.lehr.engine.schedule.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Schedule;

class DriftAwareTest {

    private static final int DIMENSION = 20;
    private static final double NOISE = 0.5;
    private static final int STEPS = 2000;
    private static final int PERIOD = 500;
    private static final double JUMP = 1;

    private static double[] drifts() {
        double[] drifts = new double[STEPS];
        for (int step = PERIOD; step < STEPS; step += PERIOD) {
            drifts[step] = JUMP;
        }
        return drifts;
    }

    private static DriftAware.Form form() {
        return new DriftAware.Form(DIMENSION, NOISE, 1, JUMP);
    }

    /// Streaming linear regression whose true parameters jump; the mean squared parameter error over the run.
    private static double error(Schedule schedule, long seed) {
        Random random = new Random(seed);
        double[] truth = jump(new double[DIMENSION], random);
        double[] weights = new double[DIMENSION];
        double[] drifts = drifts();
        double sum = 0;
        for (int step = 0; step < STEPS; step++) {
            truth = drifts[step] > 0 ? jump(truth, random) : truth;
            double[] x = new double[DIMENSION];
            double residual = -NOISE * random.nextGaussian();
            double distance = 0;
            for (int i = 0; i < DIMENSION; i++) {
                x[i] = random.nextGaussian();
                residual += x[i] * (weights[i] - truth[i]);
                distance += (weights[i] - truth[i]) * (weights[i] - truth[i]);
            }
            sum += distance;
            for (int i = 0; i < DIMENSION; i++) {
                weights[i] -= schedule.at(step) * residual * x[i];
            }
        }
        return sum / STEPS;
    }

    private static double[] jump(double[] from, Random random) {
        double[] direction = random.doubles(DIMENSION, -1, 1).toArray();
        double length = 0;
        for (double d : direction) {
            length += d * d;
        }
        double[] to = from.clone();
        for (int i = 0; i < DIMENSION; i++) {
            to[i] += direction[i] * Math.sqrt(JUMP / length);
        }
        return to;
    }

    @Test
    void followsADriftBetterThanWhatDoesNotListen() {
        Schedule aware = DriftAware.schedule(form(), drifts());
        Schedule decaying = step -> 1 / (step + 22.0);
        double[] sums = new double[4];
        for (int seed = 0; seed < 5; seed++) {
            sums[0] += error(aware, seed);
            sums[1] += error(new Constant(0.01), seed);
            sums[2] += error(new Constant(0.03), seed);
            sums[3] += error(decaying, seed);
        }
        for (int other = 1; other < 4; other++) {
            assertTrue(sums[0] < 0.85 * sums[other], sums[0] + " against " + sums[other]);
        }
    }

    @Test
    void theRateJumpsAtAShiftAndFallsAgain() {
        Schedule aware = DriftAware.schedule(form(), drifts());
        assertEquals(0.0022, aware.at(PERIOD - 1), 5e-4);
        assertEquals(0.036, aware.at(PERIOD), 2e-3);
        assertTrue(aware.at(2 * PERIOD - 1) < 0.1 * aware.at(PERIOD));
    }

    @Test
    void theRateIsThatOfTheLowestNextRisk() {
        for (double risk : new double[] {0.01, 0.3, 5}) {
            double best = new DriftAware(new DriftAware.Form(DIMENSION, NOISE, 4, risk)).value();
            double at = next(best, risk);
            assertTrue(at < next(best * 1.01, risk) && at < next(best * 0.99, risk));
        }
    }

    private static double next(double rate, double risk) {
        return risk * (1 - 2 * rate + rate * rate * (1 + (DIMENSION + 1) / 4.0))
                + rate * rate * NOISE * NOISE * DIMENSION / 4;
    }

    @Test
    void withoutDriftItFallsLikeOneOverTheStep() {
        Schedule still = DriftAware.schedule(form(), new double[100_000]);
        assertEquals(1, still.at(99_999) * 100_000, 0.02);
        assertEquals(0.5, still.at(99_999) / still.at(49_999), 0.01);
    }

    @Test
    void withoutNoiseAndRiskThereIsNothingToLearn() {
        DriftAware done = new DriftAware(new DriftAware.Form(3, 0, 1, 0));
        assertEquals(0, done.value());
        done.stepped();
        assertEquals(0, done.risk());
        assertThrows(IllegalArgumentException.class, () -> done.drifted(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new DriftAware.Form(0, 1, 1, 1));
    }

    @Test
    void aRisingLossIsFoundAndTurnsTheClockBack() {
        PageHinkley detector = new PageHinkley(0.05, 2, 20);
        Rewound rate = new Rewound(step -> 1 / (1.0 + step));
        Random random = new Random(5);
        int alarm = -1;
        for (int step = 0; step < 400; step++) {
            double loss = (step < 200 ? 1 : 1.8) + 0.2 * random.nextGaussian();
            rate.stepped();
            if (detector.observe(loss)) {
                assertEquals(-1, alarm, "a second alarm at " + step);
                alarm = step;
                rate.shifted(1);
            }
        }
        assertTrue(alarm >= 200 && alarm < 215, "alarm at " + alarm);
        assertEquals(1.0 / (1 + 399 - alarm), rate.value(), 1e-15);
        assertTrue(detector.observe(Double.NaN));
    }

    @Test
    void regretIsTheSumOfDifferences() {
        DynamicRegret regret = new DynamicRegret();
        regret.observe(3, 1);
        regret.observe(2, 1.5);
        assertEquals(2.5, regret.total());
        assertEquals(1.25, regret.mean());
        assertThrows(IllegalArgumentException.class, () -> regret.observe(Double.NaN, 0));
        assertThrows(IllegalArgumentException.class, () -> new DynamicRegret().mean());
    }
}
