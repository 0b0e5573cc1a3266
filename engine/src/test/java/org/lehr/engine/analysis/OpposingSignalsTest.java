package org.lehr.engine.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class OpposingSignalsTest {

    /// Examples 1 and 3 swing against each other; 0 and 2 fall slowly.
    private static OpposingSignals swinging() {
        OpposingSignals signals = new OpposingSignals(4);
        for (int step = 0; step < 6; step++) {
            double swing = step % 2 == 0 ? 1 : -1;
            signals.add(1 - 0.01 * step, 3 + swing, 1 - 0.02 * step, 2 - swing);
        }
        return signals;
    }

    @Test
    void whatSwingsIsFound() {
        OpposingSignals signals = swinging();
        assertEquals(5, signals.steps());
        assertArrayEquals(new int[] {3, 0}, signals.rises(0, 2));
        assertArrayEquals(new int[] {1, 2}, signals.falls(0, 2));
        assertArrayEquals(new int[] {1}, signals.rises(1, 1));
        assertArrayEquals(new int[] {3}, signals.falls(1, 1));
    }

    @Test
    void oppositesCorrelateNegatively() {
        OpposingSignals signals = swinging();
        assertEquals(-1, signals.correlation(0, new int[] {1}, new int[] {3}), 1e-12);
        assertEquals(1, signals.correlation(1, new int[] {1}, new int[] {1, 0}), 1e-12);
        OpposingSignals still = new OpposingSignals(2);
        for (double value : new double[] {1, 2, 4}) {
            still.add(7, value);
        }
        assertTrue(Double.isNaN(still.correlation(0, new int[] {0}, new int[] {1})));
    }

    @Test
    void refusalsNameTheValues() {
        OpposingSignals signals = swinging();
        String message = assertThrows(IllegalArgumentException.class, () -> signals.add(1, 2))
                .getMessage();
        assertTrue(message.contains("4 examples, got 2"), message);
        assertThrows(IllegalArgumentException.class, () -> new OpposingSignals(0));
        assertThrows(IllegalArgumentException.class, () -> signals.correlation(4, new int[] {0}, new int[] {1}));
        assertThrows(IllegalArgumentException.class, () -> signals.correlation(0, new int[] {}, new int[] {1}));
    }
}
