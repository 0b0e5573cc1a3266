package org.lehr.engine.schedule.predict;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.lehr.engine.schedule.Schedule;

class RefinementTest {

    private static final Refinement PLAIN = new Refinement(Refinement.Weight.SQUARED, 0);

    @Test
    void equalNormsGiveLinearDecay() {
        for (Refinement.Weight weight : Refinement.Weight.values()) {
            double[] norms = new double[1000];
            Arrays.fill(norms, 3.7);
            Schedule schedule = new Refinement(weight, 0.1).schedule(norms, 2);
            for (int t = 0; t < 1000; t++) {
                assertEquals(2 * (999 - t) / 999.0, schedule.at(t), 1e-12);
            }
        }
    }

    @Test
    void normsThatAreHighAtFirstGiveAWarmUp() {
        double[] norms = new double[1000];
        for (int t = 0; t < 1000; t++) {
            norms[t] = 1 + 9 * Math.exp(-t / 50.0);
        }
        Schedule schedule = Refinement.DEFAULT.schedule(norms, 1);
        int peak = 0;
        for (int t = 1; t < 1000; t++) {
            peak = schedule.at(t) > schedule.at(peak) ? t : peak;
        }
        assertTrue(peak > 50 && peak < 400, "peak at " + peak);
        assertTrue(schedule.at(0) < 0.1);
        assertEquals(1, schedule.at(peak));
        assertEquals(0, schedule.at(999));
    }

    @Test
    void normsThatShrinkAtTheEndWeighLateStepsMore() {
        double[] norms = new double[1000];
        for (int t = 0; t < 1000; t++) {
            norms[t] = t < 800 ? 1 : 1 - 0.8 * (t - 800) / 200.0;
        }
        Schedule schedule = PLAIN.schedule(norms, 1);
        assertTrue(schedule.at(900) > schedule.at(700));
        assertEquals(0, schedule.at(999));
    }

    @Provide
    Arbitrary<double[]> norms() {
        return Arbitraries.doubles()
                .between(0.1, 10)
                .array(double[].class)
                .ofMinSize(2)
                .ofMaxSize(30);
    }

    /// Equation by equation, with nothing carried from step to step.
    @Property(tries = 50)
    void isTheFormula(@ForAll("norms") double[] norms) {
        double[] weights = Arrays.stream(norms).map(g -> 1 / (g * g)).toArray();
        double[] rates = new double[norms.length];
        for (int t = 0; t < norms.length; t++) {
            for (int p = t + 1; p < norms.length; p++) {
                rates[t] += weights[t] * weights[p];
            }
        }
        double peak = Arrays.stream(rates).max().orElseThrow();
        Schedule schedule = PLAIN.schedule(norms, 1);
        for (int t = 0; t < norms.length; t++) {
            assertEquals(rates[t] / peak, schedule.at(t), 1e-12);
        }
    }

    @Test
    void theFilterTakesMediansAndIsCutOffAtTheEnds() {
        assertArrayEquals(new double[] {9, 2, 3, 3, 2, 4}, Refinement.median(new double[] {9, 1, 2, 8, 3, 4}, 5), 6);
        assertArrayEquals(new double[] {9, 2, 2, 3, 4, 4}, Refinement.median(new double[] {9, 1, 2, 8, 3, 4}, 3));
    }

    @Test
    void recordedNormsAreReadBackWithTheSameBits() {
        GradientNorms norms = new GradientNorms();
        for (int t = 0; t < 20; t++) {
            norms.observe(1 / (t + 3.0), Math.sqrt(t));
        }
        GradientNorms read = GradientNorms.parse(norms.csv().lines().toList());
        assertArrayEquals(norms.l2(), read.l2());
        assertArrayEquals(norms.l1(), read.l1());
        assertThrows(
                IllegalArgumentException.class, () -> GradientNorms.parse(List.of("step,l2,l1", "0,1,1", "2,1,1")));
        assertThrows(IllegalArgumentException.class, () -> norms.observe(Double.NaN, 1));
    }

    @Test
    void refusesNormsThatAreNone() {
        assertThrows(IllegalArgumentException.class, () -> PLAIN.schedule(new double[] {1}, 1));
        assertThrows(IllegalArgumentException.class, () -> PLAIN.schedule(new double[] {1, 0}, 1));
        assertThrows(IllegalArgumentException.class, () -> PLAIN.schedule(new double[] {1, Double.NaN}, 1));
        assertThrows(IllegalArgumentException.class, () -> PLAIN.schedule(new double[] {1, 1}, Double.NaN));
    }
}
