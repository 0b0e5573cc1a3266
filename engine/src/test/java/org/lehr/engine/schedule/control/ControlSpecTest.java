package org.lehr.engine.schedule.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.ScheduleSpec;

class ControlSpecTest {

    private static final Function<Dial, Trial> NO_TRIAL = dial -> {
        throw new AssertionError("nothing is to be tried");
    };

    @Test
    void readsWhatItWrites() {
        String text = "plateau:factor=0.5,patience=3+greedy+wsd:decay=0.2";
        assertEquals(text, ControlSpec.parse(text).toString());
        assertEquals(
                List.of("auto-lrs", "greedy", "plateau", "rewound"),
                ControlSpec.families().stream().map(ControlFamily::name).toList());
        assertEquals("plateau+constant", ControlSpec.parse("ReduceLROnPlateau").toString());
        assertEquals(
                "cosine:noise-seed=1e+3",
                ControlSpec.parse("cosine:noise-seed=1e+3").toString());
        assertTrue(ControlSpec.parse("cosine").isPlain());
        assertFalse(ControlSpec.parse("plateau").isPlain());
    }

    @Test
    void aPlainScheduleIsItself() {
        Controlled plain = ControlSpec.parse("cosine").build(100, 0.5, 0);
        Schedule cosine = ScheduleSpec.parse("cosine").build(100, 0.5, 0);
        for (long step = 0; step < 100; step++) {
            assertEquals(cosine.at(step), plain.schedule().at(step));
        }
        assertTrue(plain.listener().state().isEmpty());
        assertThrows(IllegalArgumentException.class, () -> plain.listener().restore(Map.of("0.plateau/value", 1.0)));
    }

    @Test
    void controllersMultiplyAndHearTheirOwnLoss() {
        Controlled both = ControlSpec.parse("plateau:every=1s,patience=1,factor=0.5"
                        + "+plateau:on=validation,every=10s,patience=0,factor=0.1+constant")
                .build(100, 1, 0);
        Listener listener = both.listener();
        double[] expected = new double[40];
        for (int step = 0; step < 40; step++) {
            // Constant losses: a fall after each second training loss past the first, and after each validation past
            // the first.
            expected[step] = Math.pow(0.5, Math.max(0, step - 1) / 2) * Math.pow(0.1, Math.max(0, step / 10 - 1));
            assertEquals(expected[step], both.schedule().at(step), 1e-12 * expected[step], "step " + step);
            listener.beginning(step, NO_TRIAL);
            listener.trained(step + 1, 2);
            assertEquals((step + 1) % 10 == 0, listener.wantsValidation(step + 1));
            // Validations that are not wanted do not count.
            listener.validated(step + 1, 3);
        }
    }

    @Test
    void aTrainingLossIsTheMeanOfItsSteps() {
        Controlled plateau = ControlSpec.parse("plateau:every=4s,patience=0").build(100, 1, 0);
        double[] losses = {1, 3, 1, 3, 0, 2, 4, 1, 2, 2, 2, 2};
        double[] after = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.1};
        for (int step = 0; step < losses.length; step++) {
            plateau.listener().trained(step + 1, losses[step]);
            assertEquals(after[step], plateau.schedule().at(step + 1), 1e-15, "after " + (step + 1));
        }
    }

    @Test
    void aRiseOfTheLossTurnsTheClockBack() {
        Controlled rewound = ControlSpec.parse("rewound:severity=0.5,least=5s,slack=0.1,threshold=1+linear")
                .build(100, 1, 0);
        for (int step = 0; step < 20; step++) {
            assertEquals(1 - step / 100.0, rewound.schedule().at(step), 1e-12);
            rewound.listener().trained(step + 1, 2);
        }
        rewound.listener().trained(21, 4);
        assertEquals(1 - 0.11, rewound.schedule().at(21), 1e-12);
    }

    @Test
    void statesAreRestoredWholeOrNotAtAll() {
        String text = "rewound:least=2s,slack=0,threshold=0.1+plateau:every=1s,patience=0+linear";
        Controlled first = ControlSpec.parse(text).build(50, 1, 5);
        Controlled second = ControlSpec.parse(text).build(50, 1, 5);
        for (int step = 1; step <= 20; step++) {
            first.listener().trained(step, 1 + step % 7 * 0.1);
        }
        Map<String, Double> state = Map.copyOf(first.listener().state());
        assertTrue(state.keySet().containsAll(List.of("0.rewound/clock", "0.rewound/mean", "1.plateau/value")));
        Map<String, Double> empty = second.listener().state();
        for (String name : state.keySet()) {
            Map<String, Double> broken = new HashMap<>(state);
            broken.remove(name);
            assertThrows(IllegalArgumentException.class, () -> second.listener().restore(broken), name);
            assertEquals(empty, second.listener().state());
        }
        second.listener().restore(state);
        for (int step = 21; step < 40; step++) {
            assertEquals(first.schedule().at(step), second.schedule().at(step));
            first.listener().trained(step, 1 + step % 5 * 0.1);
            second.listener().trained(step, 1 + step % 5 * 0.1);
        }
        assertEquals(first.listener().state(), second.listener().state());
    }

    @Test
    void whatDrawsSchedulesSaysThatOneListens() {
        String refusal = assertThrows(
                        IllegalArgumentException.class, () -> ScheduleSpec.parse("plateau:patience=3+cosine"))
                .getMessage();
        assertTrue(refusal.contains("a function of the step alone, such as cosine"), refusal);
    }
}
