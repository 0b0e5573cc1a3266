package org.lehr.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// What the basic schedules promise about their ends and jumps, tried with random components. What all schedules
/// promise is in [CatalogueContractTest].
class ScheduleContractTest {

    /// The random components of which a row takes what it needs.
    private record Draw(double peak, double low, long steps, long more, double power, Decay shape) {
        double floor() {
            return peak * low;
        }
    }

    private static final List<Function<Draw, Promise>> ROWS = List.of(
            d -> Promise.falling(new Constant(d.peak), d.peak, 0, d.peak, 0),
            d -> Promise.falling(new Linear(d.peak, d.floor(), d.steps), d.peak, d.steps, d.floor(), d.peak / d.steps),
            d -> Promise.falling(new Linear(d.floor(), d.peak, d.steps), d.floor(), d.steps, d.peak, d.peak / d.steps)
                    .rising(),
            d -> Promise.falling(
                    new Cosine(d.peak, d.floor(), d.steps), d.peak, d.steps, d.floor(), d.peak * Math.PI / 2 / d.steps),
            d -> Promise.falling(
                    new Wsd(d.peak, d.floor(), 0, d.more, d.steps, d.shape),
                    d.peak,
                    d.more + d.steps,
                    d.floor(),
                    d.peak * steepest(d.shape, d.steps)),
            d -> Promise.falling(
                            new Wsd(d.peak, d.floor(), d.more, 0, d.steps, d.shape),
                            d.peak / d.more,
                            d.more + d.steps,
                            d.floor(),
                            Math.max(d.peak / d.more, d.peak * steepest(d.shape, d.steps)))
                    .rising(),
            d -> Promise.falling(
                    new Polynomial(d.peak, d.floor(), d.steps, d.power),
                    d.peak,
                    d.steps,
                    d.floor(),
                    d.peak * Math.max(d.power / d.steps, Math.pow(1.0 / d.steps, d.power))),
            d -> Promise.falling(
                            new InverseSquareRoot(d.peak, d.steps),
                            d.peak,
                            3 * d.steps,
                            d.peak / 2,
                            d.peak / 2 / d.steps)
                    .endless(),
            d -> Promise.falling(new Step(d.peak, 0.5, d.steps), d.peak, 2 * d.steps, d.peak / 4, d.peak / 2)
                    .endless(),
            d -> Promise.falling(
                            new WarmUp(d.more, new Linear(d.peak, 0, d.steps)),
                            d.peak / d.more,
                            d.more + d.steps,
                            0,
                            d.peak / Math.min(d.more, d.steps))
                    .rising(),
            d -> Promise.falling(
                    new Constant(d.peak).then(d.more, new Cosine(d.peak, d.floor(), d.steps)),
                    d.peak,
                    d.more + d.steps,
                    d.floor(),
                    d.peak * Math.PI / 2 / d.steps),
            d -> Promise.falling(
                    new Constant(d.peak).branch(d.more, d.steps, d.floor(), d.shape),
                    d.peak,
                    d.more + d.steps,
                    d.floor(),
                    d.peak * steepest(d.shape, d.steps)),
            d -> Promise.falling(
                    new Shaped(d.peak, d.floor(), d.steps, new KDecay(new Powered(d.shape, 2), 2)),
                    d.peak,
                    d.steps,
                    d.floor(),
                    d.peak),
            d -> Promise.falling(
                    new Exponential(d.peak, 0.01, d.steps, d.peak / 100),
                    d.peak,
                    d.steps,
                    d.peak / 100,
                    d.peak * Math.log(100) / d.steps),
            d -> Promise.falling(new InverseTime(d.peak, d.steps, 1), d.peak, d.steps, d.peak / 2, d.peak / d.steps)
                    .endless(),
            d -> Promise.falling(
                    new Infinite(d.peak, d.peak / 2, d.more, new InverseRoot(10))
                            .annealed(2 * d.more, d.steps, d.peak / 100),
                    d.peak,
                    2 * d.more + d.steps,
                    d.peak / 100,
                    d.peak),
            d -> Promise.falling(new Delayed(0, d.peak, d.more, d.steps), 0, d.more + d.steps, d.peak, d.peak / d.steps)
                    .rising(),
            d -> Promise.falling(
                            new SparsityRamp(d.peak, d.more, d.more + d.steps, 3, 1),
                            0,
                            d.more + d.steps,
                            d.peak,
                            3 * d.peak / d.steps)
                    .rising(),
            d -> Promise.falling(
                    new Linear(d.peak, 0, d.steps).scale(0.5), d.peak / 2, d.steps, 0, d.peak / 2 / d.steps),
            d -> Promise.falling(
                    new Linear(d.peak, 0, d.steps).clamp(d.floor(), d.peak),
                    d.peak,
                    d.steps,
                    d.floor(),
                    d.peak / d.steps));

    private static double steepest(Decay shape, long steps) {
        return switch (shape) {
            case LINEAR -> 1.0 / steps;
            case COSINE -> Math.PI / 2 / steps;
            case ONE_MINUS_SQRT -> Math.sqrt(1.0 / steps);
            case ONE_MINUS_SQUARE -> 2.0 / steps;
            case EXPONENTIAL -> 2 * Math.log(2) / steps;
            case REX -> 2.0 / steps;
            case GEOMETRIC, INVERSE_PROPORTIONAL -> 1;
        };
    }

    @Provide
    Arbitrary<Promise> promises() {
        Arbitrary<Draw> draws = Combinators.combine(
                        Arbitraries.doubles().between(1e-6, 1e3).ofScale(9),
                        Arbitraries.doubles().between(0.01, 1),
                        Arbitraries.longs().between(1, 2000),
                        Arbitraries.longs().between(1, 500),
                        Arbitraries.doubles().between(0.25, 4),
                        Arbitraries.of(Decay.values()))
                .as(Draw::new);
        return Combinators.combine(draws, Arbitraries.of(ROWS)).as((draw, row) -> row.apply(draw));
    }

    private static void assertClose(double expected, double actual) {
        assertEquals(expected, actual, 1e-12 + 1e-12 * Math.abs(expected));
    }

    @Property
    void isFiniteAndNeverNegative(@ForAll("promises") Promise promise) {
        for (long step = 0; step < promise.end() + 10; step++) {
            double value = promise.schedule().at(step);
            assertTrue(value >= 0 && value < Double.POSITIVE_INFINITY, step + ": " + value);
        }
        for (long step : new long[] {1L << 31, 1L << 53, Long.MAX_VALUE - 1, Long.MAX_VALUE}) {
            double value = promise.schedule().at(step);
            assertTrue(value >= 0 && value < Double.POSITIVE_INFINITY, step + ": " + value);
        }
    }

    @Property
    void beginsAndEndsWhereItSays(@ForAll("promises") Promise promise) {
        assertClose(promise.first(), promise.schedule().at(0));
        assertClose(promise.last(), promise.schedule().at(promise.end()));
        if (promise.stays()) {
            assertEquals(promise.last(), promise.schedule().at(promise.end() + 1));
            assertEquals(promise.last(), promise.schedule().at(Long.MAX_VALUE));
        }
    }

    @Property
    void jumpsNoFurtherThanItSays(@ForAll("promises") Promise promise) {
        double before = promise.schedule().at(0);
        for (long step = 1; step < promise.end() + 10; step++) {
            double value = promise.schedule().at(step);
            double jump = Math.abs(value - before);
            assertTrue(jump <= promise.jump() * (1 + 1e-9) + 1e-12, step + ": from " + before + " to " + value);
            before = value;
        }
    }

    @Property
    void fallsWhereItSays(@ForAll("promises") Promise promise) {
        double before = promise.schedule().at(0);
        for (long step = 1; promise.falls() && step < promise.end() + 10; step++) {
            double value = promise.schedule().at(step);
            assertTrue(value <= before * (1 + 1e-15), step + ": from " + before + " to " + value);
            before = value;
        }
    }

    @Property(tries = 50)
    void refusesNegativeSteps(@ForAll("promises") Promise promise) {
        assertThrows(IllegalArgumentException.class, () -> promise.schedule().at(-1));
    }
}
