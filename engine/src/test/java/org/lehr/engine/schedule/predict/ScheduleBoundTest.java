package org.lehr.engine.schedule.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Cosine;
import org.lehr.engine.schedule.Decay;
import org.lehr.engine.schedule.Linear;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.Wsd;

class ScheduleBoundTest {

    private static double scaled(Schedule schedule, int steps) {
        return ScheduleBound.of(schedule, steps, 1, 1).best() * Math.sqrt(steps);
    }

    /// Computed from the formula by other means, for D = G = 1.
    @Test
    void boundsOfTheUsualShapes() {
        double[][] expected = {
            {100, 2.49, 2.23, 2.09, 2.04}, {1000, 2.91, 2.17, 2.06, 2.01}, {10_000, 3.28, 2.16, 2.06, 2.00}
        };
        for (double[] row : expected) {
            int steps = (int) row[0];
            assertEquals(row[1], scaled(new Constant(1), steps), 0.02);
            int decay = steps / 5;
            assertEquals(row[2], scaled(new Wsd(1, 0, 0, steps - decay, decay, Decay.LINEAR), steps), 0.02);
            assertEquals(row[3], scaled(new Cosine(1, 0, steps), steps), 0.02);
            assertEquals(row[4], scaled(new Linear(1, 0, steps), steps), 0.02);
        }
    }

    @Test
    void ranksShapesAndFollowsARun() {
        ScheduleBound.Problem problem = new ScheduleBound.Problem(1, 1);
        Schedule constant = new Constant(1);
        Schedule linear = new Linear(1, 0, 1000);
        Schedule wsd = new Wsd(1, 0, 0, 800, 200, Decay.LINEAR);
        List<Ranked> ranked = ScheduleBound.rank(List.of(constant, wsd, linear), 1000, problem);
        assertEquals(
                List.of(linear, wsd, constant),
                ranked.stream().map(Ranked::schedule).toList());
        double[] curve = ScheduleBound.curve(wsd, 0.02, new int[] {600, 800, 900, 1000}, problem);
        double level = curve[0] - curve[1];
        double cooldown = curve[1] - curve[3];
        assertTrue(cooldown > 3 * level, level + " and " + cooldown);
        assertTrue(curve[2] < curve[1] && curve[3] < curve[2]);
    }

    /// Every sum written out.
    @Test
    void isTheFormula() {
        double[] eta = {0.3, 1, 0.7, 0.2, 0.4};
        double[] norms = {2, 1, 3, 0.5, 1};
        double distance = 1.7;
        double rate = 0.6;
        double[] rest = new double[6];
        for (int k = 4; k >= 0; k--) {
            rest[k] = rest[k + 1] + eta[k];
        }
        double bound = distance * distance / (2 * rate * rest[0]);
        for (int t = 0; t < 5; t++) {
            bound += rate * eta[t] * eta[t] * norms[t] * norms[t] / (2 * rest[0]);
        }
        for (int k = 0; k < 4; k++) {
            double tail = 0;
            for (int t = k; t < 5; t++) {
                tail += eta[t] * eta[t] * norms[t] * norms[t];
            }
            bound += rate / 2 * eta[k] / (rest[k + 1] * rest[k]) * tail;
        }
        Schedule schedule = step -> eta[(int) step];
        assertEquals(bound, ScheduleBound.of(schedule, distance, norms).at(rate), 1e-14);
    }

    @Test
    void theBestRateIsBestAndCanBeCarriedOver() {
        int steps = 1000;
        ScheduleBound linear = ScheduleBound.of(new Linear(1, 0, steps), steps, 1, 1);
        ScheduleBound wsd = ScheduleBound.of(new Wsd(1, 0, 0, 800, 200, Decay.LINEAR), steps, 1, 1);
        assertEquals(1.0, linear.bestRate() * Math.sqrt(steps), 0.02);
        assertEquals(0.51, wsd.bestRate() * Math.sqrt(steps), 0.02);
        assertTrue(linear.best() < linear.at(1.01 * linear.bestRate()));
        assertTrue(linear.best() < linear.at(0.99 * linear.bestRate()));
        assertEquals(0.3 * wsd.bestRate() / linear.bestRate(), linear.transfer(0.3, wsd), 1e-15);
    }

    @Test
    void zerosAtTheEndDoNothing() {
        Schedule ends = new Linear(1, 0, 100);
        assertEquals(ScheduleBound.of(ends, 100, 1, 1), ScheduleBound.of(ends, 150, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> ScheduleBound.of(new Constant(0), 10, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> ScheduleBound.of(ends, 10, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> ScheduleBound.of(ends, 10, 1, Double.NaN));
    }

    @Test
    void aLongerRunGoesOnLower() {
        Schedule trunk = new Constant(1);
        double rate = ScheduleBound.of(new Wsd(1, 0, 0, 800, 200, Decay.LINEAR), 1000, 1, 1)
                .bestRate();
        ScheduleBound.Problem problem = new ScheduleBound.Problem(1, 1);
        ScheduleBound.Extension longer = ScheduleBound.extend(trunk, rate, 800, 3200, 800, problem);
        assertTrue(longer.factor() < 1, "factor " + longer.factor());
        Schedule same = trunk.then(800, new Constant(1).branch(2400, 800, 0, Decay.LINEAR));
        assertTrue(longer.bound() < ScheduleBound.of(same, 4000, 1, 1).at(rate));
        assertEquals(
                longer.bound(), ScheduleBound.of(longer.schedule(), 4000, 1, 1).at(rate), 1e-12);
        assertEquals(1, longer.schedule().at(799));
        assertEquals(longer.factor(), longer.schedule().at(800));
        assertEquals(0, longer.schedule().at(4000));
    }

    /// The sudden fall of the loss in the cooldown, on a function that is not smooth, is in the bound as well.
    @Test
    void theLossFallsInTheCooldownAsTheBoundDoes() {
        Schedule wsd = new Wsd(1, 0, 0, 400, 100, Decay.LINEAR);
        double rate = 0.05;
        double x = 1.02;
        double before = 0;
        for (int t = 0; t < 500; t++) {
            before = t == 400 ? Math.abs(x) : before;
            x -= rate * wsd.at(t) * Math.signum(x);
        }
        double atFork = ScheduleBound.of(new Constant(1), 400, 1, 1).at(rate);
        double atEnd = ScheduleBound.of(wsd, 500, 1, 1).at(rate);
        assertTrue(atEnd < 0.7 * atFork, atFork + " to " + atEnd);
        assertTrue(Math.abs(x) < 0.2 * before, before + " to " + Math.abs(x));
    }
}
