package org.lehr.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ScheduleTest {

    private static void assertRefused(String message, Executable executable) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, executable).getMessage());
    }

    @Test
    void knownValues() {
        assertEquals(0.55, new Cosine(1, 0.1, 10).at(5), 1e-15);
        assertEquals(0.1 + 0.9 * (1 + Math.cos(Math.PI * 0.3)) / 2, new Cosine(1, 0.1, 10).at(3), 1e-15);
        assertEquals(0.775, new Linear(1, 0.1, 4).at(1), 1e-15);
        assertEquals(0.5, new Wsd(1, 0, 0, 0, 4, Decay.ONE_MINUS_SQRT).at(1), 1e-15);
        assertEquals(0.25, new Polynomial(1, 0, 2, 2).at(1), 1e-15);
        assertEquals(0.5, new InverseSquareRoot(1, 100).at(300), 1e-15);
        assertEquals(0.01, new Step(1, 0.1, 3).at(6), 1e-15);
        assertEquals(0.1, new Step(1, 0.1, 3).at(5), 1e-15);
    }

    @Test
    void warmUpReachesThePeakWithItsLastStep() {
        Schedule schedule = new Linear(1, 0, 4).warmUp(4);
        assertArrayEquals(new double[] {0.25, 0.5, 0.75, 1, 1, 0.75, 0.5, 0.25, 0}, schedule.sample(9, 9), 1e-15);
        assertEquals(new Constant(1), new Constant(1).warmUp(0));
    }

    @Test
    void warmUpStableDecayIsTheSameAsItsParts() {
        Schedule whole = new Wsd(3, 0.5, 7, 11, 13, Decay.COSINE);
        Schedule joined = new Constant(3).then(11, new Cosine(3, 0.5, 13)).warmUp(7);
        for (long step = 0; step < 40; step++) {
            assertEquals(joined.at(step), whole.at(step));
        }
    }

    @Test
    void theStablePartDoesNotKnowTheEnd() {
        for (long step = 0; step < 20; step++) {
            assertEquals(
                    new Wsd(1, 0, 5, 15, 5, Decay.LINEAR).at(step), new Wsd(1, 0, 5, 1000, 50, Decay.LINEAR).at(step));
        }
    }

    @Test
    void joinCountsEachPartFromItsBeginning() {
        Schedule schedule = new Constant(9).then(2, new Linear(4, 0, 4)).then(4, new Constant(7));
        assertArrayEquals(new double[] {9, 9, 4, 3, 7, 7}, schedule.sample(6, 6), 1e-15);
        assertEquals(
                3, new Join(List.of(new Join.Part(0, new Constant(9)), new Join.Part(2, new Linear(4, 0, 4)))).at(3));
    }

    @Test
    void drawsItself() {
        assertEquals("▁▂▃▄▅▆▇█", new Linear(0, 7, 7).draw(8, 8));
        assertEquals("▁▁▁", new Constant(0).draw(100, 3));
        assertEquals("█", new Constant(2).draw(100, 1));
    }

    @Test
    void refusesImpossibleComponents() {
        assertRefused(
                "cosine: peak must be a finite number of at least 0, got NaN", () -> new Cosine(Double.NaN, 0, 10));
        assertRefused("cosine: peak must be a finite number of at least 0, got -1.0", () -> new Cosine(-1, 0, 10));
        assertRefused(
                "linear: to must be a finite number of at least 0, got Infinity",
                () -> new Linear(1, Double.POSITIVE_INFINITY, 10));
        assertRefused("cosine: steps must be at least 1, got 0", () -> new Cosine(1, 0, 0));
        assertRefused("cosine: floor must not be above peak, got 2.0 and 1.0", () -> new Cosine(1, 2, 10));
        assertRefused("wsd: decay must be at least 1, got 0", () -> new Wsd(1, 0, 5, 5, 0, Decay.LINEAR));
        assertRefused("wsd: warmUp must be from 0 to 2^53, got -5", () -> new Wsd(1, 0, -5, 5, 1, Decay.LINEAR));
        assertRefused("step: factor must not be above 1, got 2.0 and 1.0", () -> new Step(1, 2, 5));
        assertRefused("polynomial: power must be a finite number above 0, got 0.0", () -> new Polynomial(1, 0, 5, 0));
        assertRefused("warm-up: steps must be at least 1, got -3", () -> new Constant(1).warmUp(-3));
        assertRefused("scale: factor must be a finite number of at least 0, got -1.0", () -> new Constant(1).scale(-1));
        assertRefused("clamp: low must not be above high, got 2.0 and 1.0", () -> new Constant(1).clamp(2, 1));
        assertRefused("join: part 1 must begin after step 0, got 0", () -> new Constant(1).then(0, new Constant(1)));
        assertRefused("constant: step must not be negative, got -1", () -> new Constant(1).at(-1));
        assertRefused(
                "cosine: steps must be from 0 to 2^53, got 9223372036854775807",
                () -> new Cosine(1, 0, Long.MAX_VALUE));
        assertRefused(
                "wsd: the shape geometric goes only between numbers above 0, got 1.0 and 0.0",
                () -> new Wsd(1, 0, 0, 5, 5, Decay.GEOMETRIC));
        assertRefused(
                "branch: floor must not be above the trunk at step 5, got 0.6 and 0.5",
                () -> new Linear(1, 0, 10).branch(5, 5, 0.6, Decay.LINEAR));
        assertRefused(
                "levels: expected one value more than boundaries, got 1 values and 1 boundaries",
                () -> new Levels(List.of(5L), List.of(1.0)));
        assertRefused(
                "interpolate: steps must be steps above 0 that rise, got [5, 5]",
                () -> new Interpolated(1, List.of(5L, 5L), List.of(1.0, 2.0), Decay.LINEAR));
        assertRefused("table: expected at least one number, got none", () -> Tabulated.of());
        assertRefused(
                "table: expected '1,VALUE', got '2,0.5'", () -> Tabulated.parse(List.of("step,value", "0,1", "2,0.5")));
        assertRefused("repeat: period must be at least 1, got 0", () -> new Constant(1).repeat(0));
        assertRefused("sparsity: end must be after start, got 5 and 5", () -> new SparsityRamp(0.5, 5, 5, 3, 1));
        assertRefused("staircase: levels must be at least 2, got 1", () -> new Staircase(1, 2, 1, 10));
        assertRefused(
                "proportional: low must be below high, got 1.0 and 1.0",
                () -> new Proportional(new Constant(1), 1, 1, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new Join(List.of()));
        assertThrows(NullPointerException.class, () -> new Wsd(1, 0, 0, 0, 1, null));
    }
}
