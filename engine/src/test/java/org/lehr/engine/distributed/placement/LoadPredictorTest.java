package org.lehr.engine.distributed.placement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LoadPredictorTest {

    @Test
    void formulas() {
        List<LoadPredictor> all = List.of(
                new WindowMean(2, 2), new ExponentialMean(2, 0.75), new ExponentialMean(2, 0), new LinearTrend(2, 3));
        for (LoadPredictor predictor : all) {
            assertArrayEquals(new double[] {0.5, 0.5}, predictor.predict());
            predictor.observe(1, 9);
            assertArrayEquals(new double[] {0.1, 0.9}, predictor.predict(), 1e-15);
            predictor.observe(40, 60);
            predictor.observe(5, 5);
        }
        assertArrayEquals(new double[] {0.45, 0.55}, all.get(0).predict(), 1e-15);
        double slow = 0.75 * (0.75 * 0.1 + 0.25 * 0.4) + 0.25 * 0.5;
        assertArrayEquals(new double[] {slow, 1 - slow}, all.get(1).predict(), 1e-15);
        assertArrayEquals(new double[] {0.5, 0.5}, all.get(2).predict(), 1e-15);
        double line = 1.0 / 3 + 2 * 0.2;
        assertArrayEquals(new double[] {line, 1 - line}, all.get(3).predict(), 1e-12);
    }

    @Test
    void aTrendStopsAtZero() {
        LinearTrend trend = new LinearTrend(2, 2);
        trend.observe(0.3, 0.7);
        trend.observe(0, 1);
        assertArrayEquals(new double[] {0, 1}, trend.predict());
    }

    @Property(tries = 300)
    void regretStaysBelowTheBound(
            @ForAll @IntRange(min = 2, max = 8) int experts,
            @ForAll @IntRange(min = 1, max = 60) int steps,
            @ForAll long seed) {
        Random random = new Random(seed);
        HedgedPredictor hedged = HedgedPredictor.usual(experts);
        double[] loads = RandomPlacements.loads(random, experts);
        for (int step = 0; step < steps; step++) {
            double[] forecast = hedged.predict();
            assertEquals(1, Arrays.stream(forecast).sum(), 1e-9);
            if (random.nextInt(4) == 0) {
                loads = RandomPlacements.loads(random, experts);
            }
            hedged.observe(loads);
            double bound = 2 * Math.sqrt(0.5 * hedged.steps() * Math.log(4)) + Math.sqrt(Math.log(4) / 8);
            assertTrue(hedged.regret() <= bound, hedged.regret() + " > " + bound);
        }
    }

    @Test
    void theMixtureFindsTheBest() {
        HedgedPredictor rising = HedgedPredictor.usual(2);
        for (int step = 1; step <= 60; step++) {
            rising.observe(step, 120 - step);
        }
        double[] losses = rising.losses();
        assertTrue(losses[3] < losses[0] && losses[0] < losses[1], Arrays.toString(losses));
        double[] weights = rising.weights();
        assertEquals(weights[3], Arrays.stream(weights).max().orElseThrow());
    }

    @Test
    void badInputIsNamed() {
        assertThrows(IllegalArgumentException.class, () -> new WindowMean(2, 0));
        assertThrows(IllegalArgumentException.class, () -> new ExponentialMean(2, 1));
        assertThrows(IllegalArgumentException.class, () -> new LinearTrend(2, 1));
        assertThrows(IllegalArgumentException.class, () -> new HedgedPredictor(2, List.of()));
        WindowMean mean = new WindowMean(2, 1);
        assertThrows(IllegalArgumentException.class, () -> mean.observe(1));
        assertThrows(IllegalArgumentException.class, () -> mean.observe(1, Double.POSITIVE_INFINITY));
        mean.observe(0, 0);
        assertArrayEquals(new double[] {0.5, 0.5}, mean.predict());
    }
}
