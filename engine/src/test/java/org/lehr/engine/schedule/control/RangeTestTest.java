package org.lehr.engine.schedule.control;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RangeTestTest {

    /// Gradient descent on half the sum of `curvature·x²`.
    private static final class Quadratic implements Trial {
        private final double[] curvatures;
        private double[] x;
        private int kept;

        Quadratic(double... curvatures) {
            this.curvatures = curvatures;
            this.x = new double[curvatures.length];
            Arrays.fill(x, 1);
        }

        @Override
        public double step(double rate) {
            double loss = 0;
            for (int i = 0; i < x.length; i++) {
                loss += curvatures[i] * x[i] * x[i] / 2;
                x[i] -= rate * curvatures[i] * x[i];
            }
            return loss;
        }

        @Override
        public Saved save() {
            double[] copy = x.clone();
            kept++;
            return new Saved() {
                @Override
                public void restore() {
                    x = copy.clone();
                }

                @Override
                public void close() {
                    kept--;
                }
            };
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 4, 30})
    void theLossRisesOnlyBeyondTheStableRate(double curvature) {
        Quadratic quadratic = new Quadratic(curvature);
        RangeTest.Result result = new RangeTest(1e-4, 100, 300, true).run(quadratic);
        double stable = 2 / curvature;
        assertTrue(result.high() <= stable * 1.1, result.high() + " beyond " + stable);
        assertTrue(result.low() < result.high());
        int top = result.rates().length - 1;
        assertTrue(result.rates()[top] > stable, "stopped at " + result.rates()[top]);
        for (int i = 1; result.rates()[i] < stable; i++) {
            assertTrue(result.losses()[i] <= result.losses()[i - 1], "rises at " + result.rates()[i]);
        }
    }

    /// What is steep has died out when the rate passes the stable one, and takes long to come back.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theBoundIsThatOfTheSteepestDirection(boolean geometric) {
        double[] curvatures = new double[50];
        Arrays.setAll(curvatures, i -> (i + 1) * 0.1);
        RangeTest.Result result = new RangeTest(0.001, 1, 200, geometric).run(new Quadratic(curvatures));
        int bottom = 0;
        for (int i = 1; i < result.losses().length; i++) {
            bottom = result.losses()[i] < result.losses()[bottom] ? i : bottom;
        }
        double stable = 2.0 / 5;
        assertTrue(result.rates()[bottom] > 1.2 * stable, "nothing was late");
        assertTrue(result.high() <= stable * 1.1, result.high() + " beyond " + stable);
        assertTrue(result.high() >= stable * 0.5, result.high() + " far below " + stable);
    }

    @Test
    void leavesTheTrainingWhereItWas() {
        Quadratic quadratic = new Quadratic(1, 2, 3);
        new RangeTest(1e-3, 10, 50, true).run(quadratic);
        assertArrayEquals(new double[] {1, 1, 1}, quadratic.x);
        assertEquals(0, quadratic.kept);
    }

    @Test
    void ratesRiseByFactorsOrAmounts() {
        assertEquals(0.1, new RangeTest(0.01, 1, 11, true).rate(5), 1e-15);
        assertEquals(0.505, new RangeTest(0.01, 1, 11, false).rate(5), 1e-15);
        assertEquals(1, new RangeTest(0.01, 1, 11, true).rate(10), 1e-15);
    }

    @Test
    void refusesWhatCannotBeTested() {
        assertThrows(IllegalArgumentException.class, () -> new RangeTest(1, 0.1, 10, true));
        assertThrows(IllegalArgumentException.class, () -> new RangeTest(0, 1, 10, true));
        assertThrows(IllegalArgumentException.class, () -> new RangeTest(0.1, 1, 4, true));
        Quadratic broken = new Quadratic(Double.NaN);
        assertThrows(IllegalArgumentException.class, () -> new RangeTest(0.1, 1, 10, true).run(broken));
        assertEquals(0, broken.kept);
    }
}
