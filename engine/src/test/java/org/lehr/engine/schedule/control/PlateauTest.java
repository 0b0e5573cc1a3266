package org.lehr.engine.schedule.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PlateauTest {

    private static double[] measurements() {
        Random random = new Random(11);
        double[] values = new double[400];
        for (int i = 0; i < values.length; i++) {
            values[i] = 2 / (1 + 0.05 * i) + 0.3 * random.nextDouble();
        }
        return values;
    }

    /// PyTorch's ReduceLROnPlateau, written from its documentation: relative threshold, mode min.
    @Test
    void isThatOfPyTorch() {
        Plateau plateau = new Plateau(new Plateau.Form(new Improvement(true, 1e-2, true), 0.3, 4, 3, 0, 1));
        double rate = 1;
        double best = Double.POSITIVE_INFINITY;
        int bad = 0;
        int cooldown = 0;
        int falls = 0;
        for (double measured : measurements()) {
            if (measured < best * (1 - 1e-2)) {
                best = measured;
                bad = 0;
            } else {
                bad += 1;
            }
            if (cooldown > 0) {
                cooldown -= 1;
                bad = 0;
            }
            if (bad > 4) {
                rate *= 0.3;
                cooldown = 3;
                bad = 0;
                falls++;
            }
            plateau.observe(measured);
            assertEquals(rate, plateau.value());
        }
        assertTrue(falls > 5, falls + " falls");
    }

    /// Optax's reduce_on_plateau: means of windows, an absolute and a relative tolerance, a lowest scale.
    @Test
    void isThatOfOptaxWithWindows() {
        Plateau plateau = new Plateau(new Plateau.Form(new Improvement(true, 0.01, false), 0.5, 1, 0, 0.1, 5));
        double scale = 1;
        double best = Double.POSITIVE_INFINITY;
        double sum = 0;
        int count = 0;
        int stale = 0;
        for (double measured : measurements()) {
            sum += measured;
            count++;
            if (count == 5) {
                if (sum / 5 < best - 0.01) {
                    best = sum / 5;
                    stale = 0;
                } else {
                    stale++;
                }
                if (stale > 1) {
                    scale = Math.max(0.1, scale * 0.5);
                    stale = 0;
                }
                sum = 0;
                count = 0;
            }
            plateau.observe(measured);
            assertEquals(scale, plateau.value());
        }
        assertEquals(0.1, scale);
    }

    @Test
    void anAccuracyIsBetterWhenItIsHigher() {
        Plateau plateau = new Plateau(new Plateau.Form(new Improvement(false, 0, true), 0.5, 2, 0, 0, 1));
        for (double accuracy : new double[] {0.1, 0.2, 0.3, 0.4}) {
            plateau.observe(accuracy);
        }
        assertEquals(1, plateau.value());
        for (int i = 0; i < 3; i++) {
            plateau.observe(0.4);
        }
        assertEquals(0.5, plateau.value());
    }

    @Test
    void whatIsNotFiniteIsNoImprovement() {
        for (double broken : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            Plateau plateau = new Plateau(new Plateau.Form(Improvement.OF_LOSS, 0.5, 2, 0, 0, 2));
            for (int i = 0; i < 3; i++) {
                plateau.observe(broken);
            }
            assertEquals(0.5, plateau.value());
            plateau.state().values().forEach(number -> assertTrue(Double.isFinite(number)));
        }
    }

    /// GreedyLR, written from its description.
    @Test
    void greedyRisesWhileItImprovesAndFallsWhileNot() {
        Greedy greedy = new Greedy(new Greedy.Form(Improvement.OF_LOSS, 0.8, 1, 2, 2, 0.05, 3, 1));
        double factor = 1;
        double best = Double.POSITIVE_INFINITY;
        int good = 0;
        int bad = 0;
        int warmup = 0;
        int cooldown = 0;
        double highest = 0;
        double lowest = 1;
        for (double measured : measurements()) {
            if (measured < best * (1 - 1e-4)) {
                best = measured;
                good += 1;
                bad = 0;
            } else {
                good = 0;
                bad += 1;
            }
            if (cooldown > 0) {
                cooldown -= 1;
                bad = 0;
            }
            if (warmup > 0) {
                warmup -= 1;
                good = 0;
            }
            if (good > 1) {
                factor = Math.min(3, factor / 0.8);
                warmup = 2;
                good = 0;
            }
            if (bad > 1) {
                factor = Math.max(0.05, factor * 0.8);
                cooldown = 2;
                bad = 0;
            }
            greedy.observe(measured);
            assertEquals(factor, greedy.value());
            highest = Math.max(highest, factor);
            lowest = Math.min(lowest, factor);
        }
        assertEquals(0.05, lowest);
        for (int i = 0; i < 100; i++) {
            greedy.observe(0.1 - 0.001 * i);
        }
        assertEquals(3, greedy.value());
    }

    @Test
    void refusesFormsThatCannotBe() {
        assertThrows(IllegalArgumentException.class, () -> new Plateau.Form(Improvement.OF_LOSS, 1.5, 1, 0, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new Plateau.Form(Improvement.OF_LOSS, 0.5, -1, 0, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new Plateau.Form(Improvement.OF_LOSS, 0.5, 1, 0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Greedy.Form(Improvement.OF_LOSS, 0.5, 1, 0, 0, 0, 2, 1));
        assertThrows(IllegalArgumentException.class, () -> new Improvement(true, Double.NaN, true));
    }
}
