package org.lehr.engine.schedule.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Cosine;
import org.lehr.engine.schedule.Decay;
import org.lehr.engine.schedule.Linear;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.Wsd;

class PlanTest {

    private static Stage stage(String name, long steps, Schedule schedule, String source) {
        return new Stage(name, steps, schedule, new LinkedHashMap<>(Map.of(source, 1.0)));
    }

    private static StagedPlan plan() {
        SequencedMap<String, StagedPlan.Branch> branches = new LinkedHashMap<>();
        branches.put("short", new StagedPlan.Branch(100, List.of(stage("decay", 20, new Linear(1, 0, 20), "short"))));
        branches.put(
                "long",
                new StagedPlan.Branch(
                        70,
                        List.of(
                                stage("hold", 5, new Constant(1), "long"),
                                stage("decay", 10, new Linear(1, 0, 10), "long"))));
        return new StagedPlan(
                List.of(
                        stage("warm", 30, new Constant(1).warmUp(10), "web"),
                        stage("stable", 80, new Constant(1), "maths")),
                branches);
    }

    @Test
    void branchesShareTheirTrunkAndDifferOnlyAfterwards() {
        StagedPlan plan = plan();
        for (long step = 0; step < 70; step++) {
            assertEquals(plan.schedule().at(step), plan.schedule("short").at(step));
            assertEquals(plan.schedule().at(step), plan.schedule("long").at(step));
        }
        assertEquals(1, plan.schedule("short").at(99));
        assertEquals(0.5, plan.schedule("short").at(110));
        assertEquals(1, plan.schedule("long").at(74));
        assertEquals(0.5, plan.schedule("long").at(80));
        assertEquals(0, plan.schedule("long").at(85));
        assertEquals(new TreeSet<>(List.of(70L, 100L)), plan.forks());
        assertEquals(120, plan.steps("short"));
        assertEquals(85, plan.steps("long"));
        assertEquals(100 + 20 + 15, plan.steps());
    }

    @Test
    void everyStepHasItsData() {
        StagedPlan plan = plan();
        assertEquals("[web]", plan.stage("long", 29).mixture().keySet().toString());
        assertEquals("[maths]", plan.stage("long", 69).mixture().keySet().toString());
        assertEquals("hold", plan.stage("long", 70).name());
        assertEquals("decay", plan.stage("long", 75).name());
        assertEquals("decay", plan.stage("long", 1000).name());
        assertEquals("stable", plan.stage("short", 70).name());
    }

    @Test
    void budgetsDecayFromOneTrunk() {
        StagedPlan plan = StagedPlan.budgets(
                new Constant(2).warmUp(10), List.of(100L, 200L, 400L), 0.1, 0.2, Decay.ONE_MINUS_SQRT);
        for (long budget : new long[] {100, 200, 400}) {
            Schedule alone = new Wsd(2, 0.2, 10, budget - budget / 10 - 10, budget / 10, Decay.ONE_MINUS_SQRT);
            Schedule planned = plan.schedule(Long.toString(budget));
            for (long step = 0; step < budget + 5; step++) {
                assertEquals(alone.at(step), planned.at(step), 1e-15, budget + " at " + step);
            }
            assertEquals(budget, plan.steps(Long.toString(budget)));
        }
        assertEquals(360 + 10 + 20 + 40, plan.steps());
    }

    @Test
    void refusesPlansThatCannotBe() {
        Stage one = new Stage("one", 10, new Constant(1));
        assertThrows(IllegalArgumentException.class, () -> new Stage("none", 0, new Constant(1)));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Stage("half", 10, new Constant(1), new LinkedHashMap<>(Map.of("a", 0.5))));
        assertThrows(IllegalArgumentException.class, () -> new StagedPlan(List.of(), new LinkedHashMap<>()));
        assertThrows(
                IllegalArgumentException.class,
                () -> new StagedPlan(
                        List.of(one), new LinkedHashMap<>(Map.of("b", new StagedPlan.Branch(11, List.of(one))))));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> plan().schedule("none"))
                .getMessage()
                .contains("known are [short, long]"));
    }

    @Test
    void tasksHaveTheirCourseUnderAnEnvelope() {
        TaskSequence tasks = TaskSequence.reciprocalSqrt(List.of(10L, 20L, 30L), steps -> new Cosine(1, 0, steps));
        assertEquals(1, tasks.at(0));
        assertEquals(1 / Math.sqrt(2), tasks.at(10), 1e-15);
        assertEquals(1 / Math.sqrt(3), tasks.at(30), 1e-15);
        assertEquals(0.5 / Math.sqrt(2), tasks.at(20), 1e-15);
        assertEquals(0, tasks.at(1000));
        TaskSequence bySteps =
                new TaskSequence(List.of(10L, 20L), steps -> new Constant(2), new Linear(1, 0, 40), false);
        assertEquals(2, bySteps.at(9));
        assertEquals(1.5, bySteps.at(10));
        assertEquals(1.5, bySteps.at(500));
        assertThrows(IllegalArgumentException.class, () -> tasks.at(-1));
        assertThrows(IllegalArgumentException.class, () -> TaskSequence.reciprocalSqrt(List.of(), Constant::new));
        assertThrows(IllegalArgumentException.class, () -> TaskSequence.reciprocalSqrt(List.of(0L), Constant::new));
    }

    @Test
    void aLargerBatchChangesRateLengthAndNoise() {
        BatchRegime regime = new BatchRegime(32, 512);
        Schedule rate = new Linear(0.1, 0, 1600);
        assertEquals(0.4, regime.squareRoot(rate).at(0), 1e-15);
        assertEquals(1.6, regime.linear(rate).at(0), 1e-15);
        assertEquals(0.05, regime.sameEpochs(rate).at(50), 1e-15);
        assertEquals(0, regime.sameEpochs(rate).at(100));
        assertEquals(160, regime.epochs(10));
        // The mean of 512 gradients with the factor has the covariance of the mean of 32: (1 + σ²)/512 = 1/32.
        double noise = regime.gradientNoise();
        assertEquals(1 / 32.0, (1 + noise * noise) / 512, 1e-15);
        assertEquals(0, new BatchRegime(512, 32).gradientNoise());
        assertThrows(IllegalArgumentException.class, () -> new BatchRegime(0, 1));
    }
}
