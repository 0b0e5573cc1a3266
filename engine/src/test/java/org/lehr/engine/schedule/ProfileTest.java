package org.lehr.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/// What every way from a peak to a floor promises, with random parameters.
class ProfileTest {

    @Provide
    Arbitrary<Profile> profiles() {
        Arbitrary<Profile> plain = Arbitraries.of(Decay.values()).map(decay -> (Profile) decay);
        Arbitrary<Double> power = Arbitraries.doubles().between(0.25, 4);
        return Arbitraries.oneOf(
                plain,
                Combinators.combine(plain, power).as(Powered::new),
                Combinators.combine(plain, power).as(KDecay::new),
                Combinators.combine(plain, power).as((profile, start) -> new Lowered(profile, start / 4)),
                power.map(InverseRoot::new),
                power.map(upper -> new HyperbolicTangent(-7, upper)));
    }

    @Property(tries = 200)
    void fallsFromThePeakToTheFloor(@ForAll("profiles") Profile profile, @ForAll("floors") double floor) {
        double before = Double.POSITIVE_INFINITY;
        for (int i = 0; i <= 200; i++) {
            double share = i / 200.0;
            double left = profile.at(share);
            double number = profile.between(2, floor, share);
            assertTrue(left >= 0 && left <= 1 + 1e-15, profile + " at " + share + ": " + left);
            assertTrue(number >= floor * (1 - 1e-15) && number <= 2 * (1 + 1e-15), profile + ": " + number);
            assertTrue(number <= before * (1 + 1e-15), profile + " rises at " + share);
            before = number;
        }
        boolean exact = !(profile instanceof HyperbolicTangent);
        assertEquals(floor, profile.between(2, floor, 1), exact ? 1e-12 : 2);
        assertEquals(profile instanceof Lowered lowered ? lowered.start() : 1, profile.at(0), 1e-6);
    }

    @Provide
    Arbitrary<Double> floors() {
        return Arbitraries.doubles().between(0.01, 2);
    }

    @Test
    void namesAreReadBack() {
        for (Decay decay : Decay.values()) {
            assertEquals(decay, Decay.named(decay.toString()));
        }
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Decay.named("steep"))
                .getMessage()
                .startsWith("unknown shape 'steep'; known are linear, cosine"));
        assertEquals(
                Decay.ONE_MINUS_SQRT,
                ((Wsd) ScheduleSpec.parse("megatron.wsd:shape=minus_sqrt").build(100, 1, 0)).shape());
    }

    @Test
    void geometricWaysGoUpAsWell() {
        assertEquals(0.1, Decay.GEOMETRIC.between(0.01, 1, 0.5), 1e-15);
        assertEquals(1 / (0.5 / 0.01 + 0.5 / 1), Decay.INVERSE_PROPORTIONAL.between(0.01, 1, 0.5), 1e-15);
    }

    @Test
    void refusesParametersThatCannotBe() {
        assertThrows(IllegalArgumentException.class, () -> new Powered(Decay.LINEAR, 0));
        assertThrows(IllegalArgumentException.class, () -> new KDecay(Decay.LINEAR, Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new Lowered(Decay.LINEAR, 1.1));
        assertThrows(IllegalArgumentException.class, () -> new HyperbolicTangent(3, 3));
        assertThrows(IllegalArgumentException.class, () -> new InverseRoot(-1));
        assertThrows(NullPointerException.class, () -> new Powered(null, 1));
    }
}
