package org.lehr.engine.papers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Every study in its quick form: it comes to what it is expected to, and fails without its method.
final class StudiesTest {

    @TestFactory
    Stream<DynamicTest> claimsHoldWithTheMethodOnly() {
        return Studies.all().stream()
                .flatMap(study -> Stream.of(
                        DynamicTest.dynamicTest(name(study), () -> {
                            Findings findings = study.run(trial(true));
                            assertEquals(study.claim().reproduces().holds(), findings.hold(), () -> text(findings));
                        }),
                        DynamicTest.dynamicTest(name(study) + " without its method", () -> {
                            Findings findings = study.run(trial(false));
                            assertFalse(findings.hold(), () -> text(findings));
                        })));
    }

    private static Trial trial(boolean method) {
        return new Trial(Trial.LEAST_SEEDS, true, method, progress -> {});
    }

    private static String name(Study study) {
        return study.claim().paper() + " " + study.getClass().getSimpleName();
    }

    private static String text(Findings findings) {
        return findings.conditions() + "\n" + findings.rows();
    }

    @Test
    void papersAreNumberedOnce() {
        assertEquals(348, Paper.all().size());
        assertEquals(348, Paper.all().stream().map(Paper::id).distinct().count());
        assertTrue(Paper.families().contains("schedule"));
        assertEquals(Paper.all().getFirst(), Paper.of(Paper.all().getFirst().id()));
        String message = assertThrows(IllegalArgumentException.class, () -> Paper.of(99_999))
                .getMessage();
        assertTrue(message.contains("99999"), message);
    }

    @Test
    void partsAreThere() throws ClassNotFoundException {
        List<Paper> parts =
                Paper.all().stream().filter(paper -> !paper.part().isEmpty()).toList();
        assertTrue(parts.size() > 50, parts.size() + " parts");
        for (Paper paper : parts) {
            Class.forName(paper.part());
        }
    }

    @Test
    void aStudyNeedsSeveralSeeds() {
        assertThrows(IllegalArgumentException.class, () -> new Trial(2, true, true, progress -> {}));
        assertEquals(List.of(1L, 2L, 3L), trial(true).each());
    }

    @Test
    void findingsDecide() {
        Findings good = Findings.table("a")
                .row(1.0)
                .atLeast("x", 2, 1)
                .near("y", 1, 1.1, 0.2)
                .build();
        assertTrue(good.hold());
        assertFalse(Findings.table("a").atLeast("x", Double.NaN, 1).build().hold());
        assertFalse(Findings.table("a").atMost("x", Double.NaN, 1).build().hold());
        assertFalse(Findings.table("a").near("x", Double.NaN, 1, 1).build().hold());
        assertThrows(IllegalArgumentException.class, () -> Findings.table("a").build());
        assertThrows(IllegalArgumentException.class, () -> Findings.table("a").row(1, 2));
        Sample sample = new Sample(1, 2, 6);
        assertEquals(3, sample.mean());
        assertEquals(2, sample.median());
        assertEquals(Math.sqrt(7), sample.deviation(), 1e-12);
        assertEquals(List.of(0.5, 1.0, 3.0), boxed(sample.over(new Sample(2, 2, 2))));
        assertEquals(List.of(-1.0, 0.0, 4.0), boxed(sample.minus(new Sample(2, 2, 2))));
    }

    private static List<Double> boxed(Sample sample) {
        return java.util.Arrays.stream(sample.values()).boxed().toList();
    }
}
