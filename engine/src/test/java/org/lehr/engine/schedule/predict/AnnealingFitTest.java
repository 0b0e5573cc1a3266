package org.lehr.engine.schedule.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Cosine;
import org.lehr.engine.schedule.Decay;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.Wsd;

class AnnealingFitTest {

    private static final int STEPS = 3000;
    private static final double PEAK = 2e-3;
    private static final AnnealingLaw PLANTED = new AnnealingLaw(2.6, 0.55, 1.5, 0.52, 0.99);

    private static AnnealingFit.Curve curve(Schedule schedule, double noise, long seed) {
        int[] steps = IntStream.range(10, STEPS / 20).map(i -> 20 * i).toArray();
        double[] losses = PLANTED.predict(schedule, STEPS);
        Random random = new Random(seed);
        double[] measured = new double[steps.length];
        for (int i = 0; i < steps.length; i++) {
            measured[i] = losses[steps[i] - 1] * (1 + noise * random.nextGaussian());
        }
        return new AnnealingFit.Curve(schedule, steps, measured);
    }

    private static final Schedule WSD = new Wsd(PEAK, 0, 0, 2400, 600, Decay.ONE_MINUS_SQRT);

    private static List<AnnealingFit.Curve> runs(double noise) {
        return List.of(curve(new Constant(PEAK), noise, 1), curve(new Cosine(PEAK, PEAK / 10, STEPS), noise, 2));
    }

    @Test
    void findsThePlantedLaw() {
        AnnealingLaw law = AnnealingFit.DEFAULT.fit(runs(0));
        assertEquals(PLANTED.memory(), law.memory());
        assertEquals(1, law.floor() / PLANTED.floor(), 0.01);
        assertEquals(1, law.amplitude() / PLANTED.amplitude(), 0.01);
        assertEquals(1, law.annealing() / PLANTED.annealing(), 0.01);
        assertEquals(1, law.exponent() / PLANTED.exponent(), 0.01);
    }

    @Test
    void predictsAScheduleThatNobodyRanFromNoisyOnesWithOutliers() {
        List<AnnealingFit.Curve> runs = runs(0.002);
        for (AnnealingFit.Curve run : runs) {
            run.losses()[17] *= 1.5;
            run.losses()[60] *= 1.3;
        }
        AnnealingLaw law = AnnealingFit.DEFAULT.fit(runs);
        double[] truth = PLANTED.predict(WSD, STEPS);
        double[] predicted = law.predict(WSD, STEPS);
        double error = 0;
        for (int s = 200; s < STEPS; s++) {
            error += Math.abs(predicted[s] - truth[s]) / truth[s] / (STEPS - 200);
        }
        assertTrue(error < 0.01, "mean relative error " + error);
        double drop = predicted[2399] - predicted[STEPS - 1];
        assertEquals(1, drop / (truth[2399] - truth[STEPS - 1]), 0.25);
    }

    /// Sums and momentum written out from the equations.
    @Test
    void isTheLaw() {
        double[] rates = {0.1, 0.3, 0.2, 0.2, 0.05};
        Schedule schedule = step -> rates[(int) step];
        AnnealingLaw law = new AnnealingLaw(1, 0.5, 2, 0.4, 0.9);
        double[] losses = law.predict(schedule, 5);
        for (int s = 0; s < 5; s++) {
            double forward = 0;
            double annealed = 0;
            for (int i = 0; i <= s; i++) {
                forward += rates[i];
                for (int k = 1; k <= i; k++) {
                    annealed += (rates[k - 1] - rates[k]) * Math.pow(0.9, i - k);
                }
            }
            assertEquals(1 + 0.5 * Math.pow(forward, -0.4) - 2 * annealed, losses[s], 1e-12);
        }
    }

    @Test
    void ranksAndSearchesSchedules() {
        Schedule constant = new Constant(PEAK);
        Schedule cosine = new Cosine(PEAK, 0, STEPS);
        List<Ranked> ranked = PLANTED.rank(List.of(constant, cosine, WSD), STEPS);
        assertEquals(constant, ranked.getLast().schedule());
        assertTrue(ranked.get(0).value() <= ranked.get(1).value());
        AnnealingLaw.Family decays = share -> new Wsd(PEAK, 0, 0, STEPS - decay(share), decay(share), Decay.LINEAR);
        double best = PLANTED.last(decays.of(PLANTED.best(decays, 0.02, 1, STEPS)), STEPS);
        for (double share = 0.05; share < 1; share += 0.05) {
            assertTrue(best <= PLANTED.last(decays.of(share), STEPS) + 1e-4);
        }
        assertThrows(IllegalArgumentException.class, () -> PLANTED.best(decays, 1, 1, STEPS));
    }

    private static long decay(double share) {
        return Math.max(1, Math.round(share * STEPS));
    }

    @Test
    void aRunAtAConstantRateAloneCanBeFitted() {
        AnnealingLaw law = AnnealingFit.DEFAULT.fit(List.of(curve(new Constant(PEAK), 0, 1)));
        double[] truth = PLANTED.predict(new Constant(PEAK), STEPS);
        double[] fitted = law.predict(new Constant(PEAK), STEPS);
        for (int s = 200; s < STEPS; s += 100) {
            assertEquals(truth[s], fitted[s], 1e-3);
        }
    }

    @Test
    void refusesRunsThatAreNone() {
        Schedule constant = new Constant(1);
        assertThrows(
                IllegalArgumentException.class,
                () -> new AnnealingFit.Curve(constant, new int[] {1, 2}, new double[] {1}));
        assertThrows(
                IllegalArgumentException.class,
                () -> new AnnealingFit.Curve(constant, new int[] {2, 2}, new double[] {1, 1}));
        assertThrows(
                IllegalArgumentException.class,
                () -> new AnnealingFit.Curve(constant, new int[] {1}, new double[] {Double.NaN}));
        AnnealingFit.Curve still = new AnnealingFit.Curve(new Constant(0), new int[] {1}, new double[] {1});
        assertThrows(IllegalArgumentException.class, () -> AnnealingFit.DEFAULT.fit(List.of(still)));
    }
}
