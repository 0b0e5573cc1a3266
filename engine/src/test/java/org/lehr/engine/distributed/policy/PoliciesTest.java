package org.lehr.engine.distributed.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.lehr.engine.distributed.placement.Calibration;
import org.lehr.engine.distributed.placement.ExpertPlacement;
import org.lehr.engine.distributed.placement.HedgedPredictor;
import org.lehr.engine.distributed.placement.RandomPlacements;
import org.lehr.engine.distributed.placement.Topology;

class PoliciesTest {

    private static final int LAYERS = 3;
    private static final Calibration.Cost COPIES_ONLY = new Calibration.Cost() {
        @Override
        public double layer(ExpertPlacement placement) {
            return 1000 - placement.size();
        }

        @Override
        public double gather(ExpertPlacement from, ExpertPlacement to) {
            return 0.5 * (to.size() - from.size());
        }
    };

    private static List<PlacementPolicy> all(int experts, Topology topology) {
        int ranks = topology.ranks();
        SparseSharding.Form form = SparseSharding.Form.of(3, 2);
        return List.of(
                new ExpertParallel(experts, ranks),
                new FullySharded(experts, ranks),
                new Shadowing(experts, topology),
                new Swapping(LAYERS, experts, ranks, 4),
                new Replicating(LAYERS, experts, ranks, new Replicating.Form(experts / ranks + 2, 1.1, 3)),
                new SparseSharding(LAYERS, experts, topology, form),
                new SparseSharding(
                        LAYERS,
                        experts,
                        topology,
                        form.withCalibration(2)
                                .withReshardEvery(2)
                                .withRematerialization()
                                .withPredictor(HedgedPredictor::usual)));
    }

    @Property(tries = 100)
    void plansFitTogetherStepAfterStep(
            @ForAll @IntRange(min = 1, max = 12) int experts,
            @ForAll @IntRange(min = 1, max = 3) int nodes,
            @ForAll @IntRange(min = 1, max = 3) int perNode,
            @ForAll long seed) {
        Topology topology = new Topology(nodes, perNode);
        for (PlacementPolicy policy : all(experts, topology)) {
            Random random = new Random(seed);
            ExpertPlacement[] states = new ExpertPlacement[LAYERS];
            for (int step = 0; step < 10; step++) {
                double[][] loads = new double[LAYERS][];
                for (int layer = 0; layer < LAYERS; layer++) {
                    loads[layer] = RandomPlacements.loads(random, experts);
                    LayerPlan plan = policy.plan(layer);
                    if (states[layer] != null) {
                        assertEquals(states[layer], plan.before(), policy.name() + " forgets where state was");
                    }
                    LayerPlan adjusted = policy.adjust(plan, loads[layer], COPIES_ONLY);
                    assertEquals(plan.states(), adjusted.states());
                    assertTrue(adjusted.used().includes(adjusted.ahead()));
                    assertEquals(experts, adjusted.used().experts());
                    states[layer] = plan.states();
                }
                policy.observe(loads);
            }
        }
    }

    @Test
    void popularExpertsAreCopiedByWhatCopies() {
        Topology topology = new Topology(1, 4);
        double[][] loads = {{9, 1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 9}, {2, 2, 2, 2, 2, 2, 2, 2}};
        for (PlacementPolicy policy : all(8, topology)) {
            for (int step = 0; step < 6; step++) {
                policy.observe(loads);
            }
            ExpertPlacement used =
                    policy.adjust(policy.plan(0), loads[0], COPIES_ONLY).used();
            boolean copies = !(policy instanceof ExpertParallel || policy instanceof Swapping);
            assertEquals(copies, used.copies(0) > 1, policy.name());
        }
    }

    @Test
    void swapsBalanceAndKeepSizes() {
        Swapping policy = new Swapping(1, 4, 2, 2);
        double[] loads = {4, 3, 2, 1};
        policy.observe(loads);
        assertEquals(ExpertPlacement.even(4, 2), policy.plan(0).states());
        policy.observe(loads);
        assertEquals(ExpertPlacement.owned(2, 0, 1, 1, 0), policy.plan(0).states());
        assertEquals(ExpertPlacement.even(4, 2), policy.plan(0).before());
    }

    @Test
    void replicationStaysWithinItsPlaces() {
        Replicating policy = new Replicating(1, 4, 2, new Replicating.Form(3, 1, 8));
        policy.observe(new double[] {8, 1, 1, 2});
        ExpertPlacement first = policy.plan(0).states();
        assertEquals(2, first.copies(0));
        for (int step = 0; step < 9; step++) {
            policy.observe(new double[] {1, 1, 1, 30});
            assertTrue(Arrays.stream(policy.plan(0).states().sizes()).max().orElseThrow() <= 3);
        }
        assertEquals(2, policy.plan(0).states().copies(3));
        assertThrows(IllegalArgumentException.class, () -> new Replicating(1, 8, 2, new Replicating.Form(3, 1, 8)));
    }

    @Test
    void badFormsAreNamed() {
        assertThrows(IllegalArgumentException.class, () -> SparseSharding.Form.of(-1, 0));
        assertThrows(IllegalArgumentException.class, () -> new Swapping(1, 4, 2, 0));
        assertThrows(IllegalArgumentException.class, () -> new Replicating.Form(0, 1, 1));
        ExpertPlacement even = ExpertPlacement.even(2, 2);
        ExpertPlacement all = ExpertPlacement.everywhere(2, 2);
        assertThrows(IllegalArgumentException.class, () -> new LayerPlan(even, all, even, all));
    }
}
