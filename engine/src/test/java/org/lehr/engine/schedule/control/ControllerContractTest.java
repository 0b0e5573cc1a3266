package org.lehr.engine.schedule.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lehr.engine.schedule.Cosine;
import org.lehr.engine.schedule.Linear;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.ScheduleCatalogue;
import org.lehr.engine.schedule.ScheduleFamily;
import org.lehr.engine.schedule.ScheduleSpec;

/// What everything with a state promises: run N + M is run N, save, load, run M, bit for bit, through JSON.
class ControllerContractTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// A kind of part, how to make one, and how to tell it a measurement.
    record Kind(String name, Supplier<Stateful> make, BiConsumer<Stateful, Double> tell) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static <T extends Stateful> Kind kind(String name, Supplier<T> make, BiConsumer<T, Double> tell) {
        @SuppressWarnings("unchecked")
        BiConsumer<Stateful, Double> untyped = (part, measured) -> tell.accept((T) part, measured);
        return new Kind(name, make::get, untyped);
    }

    static List<Kind> kinds() {
        return List.of(
                kind("dial", () -> new Dial(0.5), Dial::set),
                kind(
                        "plateau",
                        () -> new Plateau(new Plateau.Form(Improvement.OF_LOSS, 0.5, 1, 2, 1e-3, 3)),
                        Plateau::observe),
                kind(
                        "greedy",
                        () -> new Greedy(new Greedy.Form(Improvement.OF_LOSS, 0.9, 1, 2, 1, 0.1, 4, 2)),
                        Greedy::observe),
                kind("drift-aware", () -> new DriftAware(new DriftAware.Form(20, 0.5, 2, 1)), (part, measured) -> {
                    part.stepped();
                    part.drifted(measured / 100);
                }),
                kind("dynamic regret", DynamicRegret::new, (part, measured) -> part.observe(measured, 0.1)),
                kind("page-hinkley", () -> new PageHinkley(0.01, 0.4, 5), PageHinkley::observe),
                kind("rewound", () -> new Rewound(new Cosine(1, 0.1, 50)), (part, measured) -> {
                    part.stepped();
                    part.shifted(measured > 0.9 ? 0.5 : 0);
                }));
    }

    private static double[] losses(int count) {
        Random random = new Random(3);
        double[] losses = new double[count];
        for (int i = 0; i < count; i++) {
            losses[i] = i % 17 == 0 ? 0.95 : random.nextDouble() * 0.8 / (1 + i % 40 * 0.1);
        }
        return losses;
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void goesOnWithTheSameBitsFromAnySavedState(Kind kind) throws Exception {
        double[] losses = losses(200);
        for (int cut = 0; cut <= 200; cut += 7) {
            Stateful whole = kind.make.get();
            for (int i = 0; i < cut; i++) {
                kind.tell.accept(whole, losses[i]);
            }
            Map<String, Double> saved =
                    JSON.readValue(JSON.writeValueAsString(whole.state()), new TypeReference<>() {});
            Stateful resumed = kind.make.get();
            resumed.restore(saved);
            for (int i = cut; i < 200; i++) {
                kind.tell.accept(whole, losses[i]);
                kind.tell.accept(resumed, losses[i]);
                assertEquals(whole.state(), resumed.state());
                if (whole instanceof Controller controller) {
                    assertEquals(controller.value(), ((Controller) resumed).value());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void measurementsChangeTheState(Kind kind) {
        Stateful part = kind.make.get();
        Map<String, Double> before = new HashMap<>(part.state());
        for (double loss : losses(20)) {
            kind.tell.accept(part, loss);
        }
        assertNotEquals(before, part.state());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void refusesStatesThatAreNone(Kind kind) {
        Stateful part = kind.make.get();
        for (double loss : losses(30)) {
            kind.tell.accept(part, loss);
        }
        Map<String, Double> state = Map.copyOf(part.state());
        Map<String, Double> more = new HashMap<>(state);
        more.put("other", 1.0);
        assertTrue(refusal(part, Map.of()).contains("missing " + new TreeSet<>(state.keySet())));
        assertTrue(refusal(part, more).contains("unexpected [other]"));
        for (String name : state.keySet()) {
            Map<String, Double> broken = new HashMap<>(state);
            broken.put(name, Double.NaN);
            assertTrue(refusal(part, broken).contains(name + " must be a finite number, got NaN"));
        }
        assertEquals(state, part.state());
    }

    private static String refusal(Stateful part, Map<String, Double> state) {
        return assertThrows(IllegalArgumentException.class, () -> part.restore(state))
                .getMessage();
    }

    @Test
    void countsMustBeWholeAndNothingIsHalfRestored() {
        Plateau plateau = new Plateau(Plateau.Form.DEFAULT);
        Map<String, Double> state = new HashMap<>(plateau.state());
        state.put("value", 0.25);
        state.put("count", 0.5);
        assertTrue(refusal(plateau, state).contains("count must be a whole number, got 0.5"));
        assertEquals(1, plateau.value());
    }

    /// The fault of stateful schedulers elsewhere: a plateau that cannot stand beside a warm-up.
    @Test
    void plateauComposesWithAnyBase() {
        for (ScheduleFamily family : ScheduleCatalogue.families()) {
            Schedule base = ScheduleSpec.parse(family.name()).build(100, 1, 10);
            Plateau plateau = new Plateau(new Plateau.Form(Improvement.OF_LOSS, 0.5, 3, 0, 0, 1));
            Schedule rate = base.times(plateau.schedule());
            double factor = 1;
            for (int step = 0; step < 100; step++) {
                assertEquals(base.at(step) * factor, rate.at(step), family.name());
                plateau.observe(1);
                // The first loss is the best so far, each fourth one after it is one too many.
                if (step > 0 && step % 4 == 0) {
                    factor *= 0.5;
                }
            }
        }
        Schedule warmed = new Linear(1, 0, 50).warmUp(5).times(new Plateau(Plateau.Form.DEFAULT).schedule());
        assertEquals(0.2, warmed.at(0), 1e-15);
        assertThrows(
                IllegalArgumentException.class, () -> new Dial(1).schedule().at(-1));
    }
}
