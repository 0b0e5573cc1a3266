package org.lehr.engine.analysis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MaximalRateTest {

    @Test
    void theBorderIsFoundToTheDepthOfTheHalving() {
        for (int halvings = 0; halvings < 8; halvings++) {
            double found = new MaximalRate(1e-4, 10, halvings).of(rate -> rate <= 0.0377);
            double ratio = 0.0377 / found;
            assertTrue(ratio >= 1 && ratio <= Math.pow(2, Math.pow(0.5, halvings)), halvings + ": " + found);
        }
    }

    @Test
    void theLargestCounts() {
        // Learning stops at 0.01 and begins again between 0.5 and 1.
        double found = new MaximalRate(1e-3, 8, 6).of(rate -> rate < 0.01 || rate > 0.5 && rate <= 1);
        assertEquals(1, found, 0.011);
    }

    @Test
    void nothingIsTriedAboveTheBeginning() {
        List<Double> tried = new ArrayList<>();
        assertEquals(2, new MaximalRate(1, 2, 5).of(rate -> tried.add(rate)));
        assertEquals(List.of(2.0), tried);
    }

    @Test
    void refusalsNameTheValues() {
        String message = assertThrows(
                        IllegalArgumentException.class, () -> new MaximalRate(0.5, 4, 3).of(rate -> false))
                .getMessage();
        assertTrue(message.contains("4.0 down to 0.5"), message);
        assertThrows(IllegalArgumentException.class, () -> new MaximalRate(0, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new MaximalRate(2, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new MaximalRate(1, Double.NaN, 1));
        assertThrows(IllegalArgumentException.class, () -> new MaximalRate(1, 2, -1));
    }
}
