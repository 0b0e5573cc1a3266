package org.lehr.engine.distributed.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.commons.math3.optim.MaxIter;
import org.apache.commons.math3.optim.linear.LinearConstraint;
import org.apache.commons.math3.optim.linear.LinearConstraintSet;
import org.apache.commons.math3.optim.linear.LinearObjectiveFunction;
import org.apache.commons.math3.optim.linear.NonNegativeConstraint;
import org.apache.commons.math3.optim.linear.Relationship;
import org.apache.commons.math3.optim.linear.SimplexSolver;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.junit.jupiter.api.Test;

class SlotAssignmentTest {

    @Property(tries = 1000)
    void sharesAddUpAndSlotsSuffice(
            @ForAll @IntRange(min = 1, max = 24) int experts,
            @ForAll @IntRange(min = 1, max = 12) int ranks,
            @ForAll @IntRange(max = 4) int slots,
            @ForAll long seed) {
        Random random = new Random(seed);
        ExpertPlacement owners = RandomPlacements.owners(random, experts, ranks);
        double[] loads = RandomPlacements.loads(random, experts);
        double sum = Arrays.stream(loads).sum();
        SlotAssignment.Assigned assigned = new SlotAssignment(slots).plan(owners, loads);
        double[] of = new double[ranks];
        double[] before = new double[ranks];
        for (int expert = 0; expert < experts; expert++) {
            before[owners.owner(expert)] += loads[expert];
            double all = 0;
            for (int rank = 0; rank < ranks; rank++) {
                double share = assigned.shares()[expert][rank];
                assertTrue(share >= -1e-12 * sum);
                assertTrue(share <= 1e-12 * sum || assigned.placement().holds(rank, expert));
                of[rank] += share;
                all += share;
            }
            assertEquals(loads[expert], all, 1e-9 * sum);
        }
        double most = Arrays.stream(of).max().orElseThrow();
        assertEquals(most, assigned.height(), 1e-9 * sum);
        assertTrue(most <= Arrays.stream(before).max().orElseThrow() * (1 + 1e-9));
        int[] sizes = assigned.placement().sizes();
        int[] owned = owners.sizes();
        for (int rank = 0; rank < ranks; rank++) {
            assertTrue(sizes[rank] - owned[rank] <= slots);
        }
    }

    /// The least height when an expert may be on a part of a slot: `x[e, r] ≥ 0`, `Σᵣ x[e, r] = load[e]`,
    /// `Σₑ x[e, r] ≤ T` and, over experts of others, `Σₑ x[e, r]/load[e] ≤ slots`.
    private static double bound(ExpertPlacement owners, int slots, double... loads) {
        int experts = loads.length;
        int ranks = owners.ranks();
        int count = experts * ranks + 1;
        List<LinearConstraint> constraints = new ArrayList<>();
        for (int expert = 0; expert < experts; expert++) {
            double[] row = new double[count];
            Arrays.fill(row, expert * ranks, (expert + 1) * ranks, 1);
            constraints.add(new LinearConstraint(row, Relationship.EQ, loads[expert]));
        }
        for (int rank = 0; rank < ranks; rank++) {
            double[] height = new double[count];
            double[] held = new double[count];
            for (int expert = 0; expert < experts; expert++) {
                height[expert * ranks + rank] = 1;
                held[expert * ranks + rank] = owners.holds(rank, expert) || loads[expert] == 0 ? 0 : 1 / loads[expert];
            }
            height[count - 1] = -1;
            constraints.add(new LinearConstraint(height, Relationship.LEQ, 0));
            constraints.add(new LinearConstraint(held, Relationship.LEQ, slots));
        }
        double[] goal = new double[count];
        goal[count - 1] = 1;
        return new SimplexSolver()
                .optimize(
                        new MaxIter(20_000),
                        new LinearObjectiveFunction(goal, 0),
                        new LinearConstraintSet(constraints),
                        GoalType.MINIMIZE,
                        new NonNegativeConstraint(true))
                .getValue();
    }

    @Test
    void comesWithinTwoPercentOfTheLinearProgram() {
        Random random = new Random(7);
        double[] worst = new double[5];
        for (int slots = 2; slots < worst.length; slots++) {
            for (int i = 0; i < 12; i++) {
                double[] loads = random.doubles(16).map(u -> Math.exp(3 * u)).toArray();
                ExpertPlacement owners = ExpertPlacement.even(16, 8);
                double height = new SlotAssignment(slots).plan(owners, loads).height();
                double bound = bound(owners, slots, loads);
                assertTrue(height >= bound * (1 - 1e-9), height + " is below the bound " + bound);
                worst[slots] = Math.max(worst[slots], height / bound);
            }
        }
        assertTrue(worst[2] <= 1.1 && worst[3] <= 1.02 && worst[4] <= 1.001, Arrays.toString(worst));
    }

    /// The mean load is a bound too, and the one that holds where loads are not extreme.
    @Test
    void levelsSixtyFourExpertsOnSixtyFourRanks() {
        Random random = new Random(3);
        ExpertPlacement owners = ExpertPlacement.even(64, 64);
        for (int i = 0; i < 50; i++) {
            double[] loads =
                    random.doubles(64).map(u -> Math.exp(random.nextGaussian())).toArray();
            double mean = Arrays.stream(loads).average().orElseThrow();
            double height = new SlotAssignment(2).plan(owners, loads).height();
            assertTrue(height <= 1.02 * mean, height / mean + " times the mean");
        }
    }

    @Test
    void edges() {
        ExpertPlacement owners = ExpertPlacement.owned(2, 0, 0);
        assertEquals(4, new SlotAssignment(0).plan(owners, 3, 1).height());
        assertEquals(2, new SlotAssignment(1).plan(owners, 3, 1).height(), 1e-9);
        assertEquals(0, new SlotAssignment(1).plan(owners, 0, 0).height());
        assertThrows(IllegalArgumentException.class, () -> new SlotAssignment(-1));
        assertThrows(IllegalArgumentException.class, () -> new SlotAssignment(1).plan(owners, 1, Double.NaN));
    }
}
