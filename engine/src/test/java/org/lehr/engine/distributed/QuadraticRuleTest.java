package org.lehr.engine.distributed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Cosine;
import org.lehr.engine.schedule.Schedule;

final class QuadraticRuleTest {

    private static final long STEPS = 3000;
    private static final Schedule COSINE = new Cosine(0.1, 0, STEPS);

    @Test
    void roundsGrowAsTheSquareOfTheRateFalls() {
        SynchronizationRule rule = new QuadraticRule(COSINE, 0.2, 4, 0);
        assertEquals(4, rule.steps(0));
        assertEquals(16, rule.steps(STEPS / 2));
        long at = 0;
        while (COSINE.at(at) > 0.02) {
            at++;
        }
        assertTrue(rule.steps(at) >= 100 && rule.steps(at - 1) < 100, "100 steps at a rate of 0.02");
        assertEquals(100, new QuadraticRule(new Constant(0.02), 0.2, 4, 0).steps(7));
        assertEquals(9, new QuadraticRule(new Constant(0.1), 0.2, 9, 0).steps(0));
    }

    @Test
    void warmUpHasTheRoundsOfThePeak() {
        SynchronizationRule rule = new QuadraticRule(COSINE.warmUp(50), 0.2, 1, 50);
        assertEquals(4, rule.steps(0));
        assertEquals(4, rule.steps(49));
        assertEquals(16, rule.steps(50 + STEPS / 2));
        assertEquals(10_000, new QuadraticRule(COSINE.warmUp(50), 0.2, 1, 0).steps(0));
    }

    @Test
    void theLastRoundEndsWithTheTraining() {
        SynchronizationRule rule = new QuadraticRule(COSINE, 0.2, 4, 0);
        assertEquals(Long.MAX_VALUE, rule.steps(STEPS));
        assertEquals(10, rule.until(STEPS).steps(STEPS - 10));
        assertEquals(4, rule.until(STEPS).steps(0));
        assertEquals(5, SynchronizationRule.every(5).until(7).steps(0));
        assertEquals(2, SynchronizationRule.every(5).until(7).steps(5));
        assertEquals(5, SynchronizationRule.every(5).until(7).steps(7));
    }

    @Test
    void saysWhatItCannotUse() {
        assertThrows(IllegalArgumentException.class, () -> new QuadraticRule(COSINE, 0, 4, 0));
        assertThrows(IllegalArgumentException.class, () -> new QuadraticRule(COSINE, Double.NaN, 4, 0));
        assertThrows(IllegalArgumentException.class, () -> new QuadraticRule(COSINE, 0.2, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new QuadraticRule(COSINE, 0.2, 4, -1));
        assertThrows(IllegalArgumentException.class, () -> SynchronizationRule.every(0));
        String message = assertThrows(
                        IllegalArgumentException.class, () -> new QuadraticRule(_ -> Double.NaN, 0.2, 4, 0).steps(3))
                .getMessage();
        assertTrue(message.contains("after 3 steps") && message.contains("NaN"), message);
    }
}
