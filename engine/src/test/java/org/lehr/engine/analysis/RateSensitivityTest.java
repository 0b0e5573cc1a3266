package org.lehr.engine.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class RateSensitivityTest {

    @Test
    void distancesFromTheBestAreAveraged() {
        RateSensitivity sensitivity = new RateSensitivity(
                new double[] {1, 2, 3, 4, 5}, new double[] {2, 1, 3, Double.NaN, Double.POSITIVE_INFINITY}, 4);
        assertArrayEquals(new double[] {2, 1, 3, 4, 4}, sensitivity.bounded());
        assertEquals(1, sensitivity.best());
        assertEquals((1 + 0 + 2 + 3 + 3) / 5.0, sensitivity.value(), 1e-12);
    }

    @Test
    void aSweepRunsEveryRate() {
        RateSensitivity sensitivity = RateSensitivity.sweep(10, rate -> 1 / rate, 0.5, 1, 0.01);
        assertArrayEquals(new double[] {2, 1, 100}, sensitivity.losses());
        assertEquals((1 + 0 + 9) / 3.0, sensitivity.value(), 1e-12);
        assertEquals(0, RateSensitivity.sweep(10, rate -> 3, 1, 2).value());
    }

    @Test
    void refusalsNameTheValues() {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> new RateSensitivity(new double[] {1, 2}, new double[] {1}, 4))
                .getMessage();
        assertTrue(message.contains("2 rates, 1 losses"), message);
        assertThrows(IllegalArgumentException.class, () -> new RateSensitivity(new double[] {}, new double[] {}, 4));
        assertThrows(
                IllegalArgumentException.class,
                () -> new RateSensitivity(new double[] {1}, new double[] {1}, Double.NaN));
    }
}
