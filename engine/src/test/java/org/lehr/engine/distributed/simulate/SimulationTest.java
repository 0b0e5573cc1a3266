package org.lehr.engine.distributed.simulate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lehr.engine.distributed.placement.ExpertPlacement;
import org.lehr.engine.distributed.placement.Flow;
import org.lehr.engine.distributed.placement.Topology;
import org.lehr.engine.distributed.policy.ExpertParallel;
import org.lehr.engine.distributed.policy.FullySharded;
import org.lehr.engine.distributed.policy.PlacementPolicy;
import org.lehr.engine.distributed.policy.SparseSharding;
import org.lehr.engine.distributed.simulate.Cluster.Link;
import org.lehr.engine.nn.moe.RoutingTrace;
import org.lehr.engine.tensor.Shape;

class SimulationTest {

    private static final Workload SMALL = new Workload(2, 10, 20, 100, 1, 50, 4, 1);
    private static final Cluster PAIR = new Cluster(new Topology(2, 1), new Link(0, 1e6), new Link(0, 1e5), 1e6);

    @Test
    void costsAreThoseOfTheFormulas() {
        double[][] tokens = {{70, 10, 10, 10}, {70, 10, 10, 10}};
        LayerCosts costs = new LayerCosts(PAIR, SMALL, tokens);
        ExpertPlacement owners = ExpertPlacement.even(4, 2);
        Flow flow = costs.flow(owners);
        assertArrayEquals(new double[] {160, 40}, flow.computed());
        assertEquals(1.6, flow.imbalance(), 1e-12);
        assertEquals(1 - 1 / 1.6, flow.idle(), 1e-12);
        assertEquals(160 * 4 * 10 * 20 / 1e6, costs.compute(flow), 1e-12);
        assertEquals(80 * 2 * 10 / 1e5, costs.exchange(flow), 1e-12);
        ExpertPlacement copied = ExpertPlacement.of(2, new int[] {0, 1}, new int[] {0}, new int[] {1}, new int[] {1});
        assertEquals(400 * 2 / 1e5, costs.transfer(owners, copied, 800), 1e-12);
        assertEquals(0, costs.transfer(owners, owners, 800));
        Flow balanced = costs.flow(copied);
        assertArrayEquals(new double[] {90, 110}, balanced.computed(), 1e-12);
        assertEquals(4 * costs.exchange(balanced) + 3 * costs.compute(balanced), costs.layer(copied), 1e-12);
        assertEquals(2 * 800 / 1e5, costs.gather(owners, copied), 1e-12);
    }

    @Test
    void latencyCountsPartners() {
        Cluster slow = new Cluster(new Topology(2, 2), new Link(1, 1e30), new Link(10, 1e30), 1e6);
        LayerCosts costs = new LayerCosts(slow, SMALL, new double[4][4]);
        assertEquals(1 + 10, costs.exchange(costs.flow(ExpertPlacement.even(4, 4))), 1e-9);
        double everywhere = costs.transfer(ExpertPlacement.even(4, 4), ExpertPlacement.everywhere(4, 4), 1);
        assertEquals(3 + 1 + 10 * (2 + 1), everywhere, 1e-9);
    }

    private static Outcome run(Cluster cluster, Workload workload, double skew, PlacementPolicy policy) {
        DrawnLoads.Form form = new DrawnLoads.Form(skew, 0.999, 0.2);
        int ranks = cluster.topology().ranks();
        return new Simulation(cluster, workload, new DrawnLoads(workload, ranks, form, 1)).run(policy, 2, 3);
    }

    @Test
    void systemsDifferAsTheyShould() {
        Cluster cluster = Cluster.a100(2);
        Workload workload = Workload.gptSmall().withLayers(3);
        int t = Simulation.overlapDegree(cluster, workload);
        double seconds = workload.attentionFlops() / cluster.flops();
        assertEquals((int) (seconds * 50e9 / (2 * workload.expertParameters())), t);
        Topology topology = cluster.topology();
        Outcome expert = run(cluster, workload, 1, new ExpertParallel(64, 16));
        Outcome full = run(cluster, workload, 1, new FullySharded(64, 16));
        SparseSharding.Form form = SparseSharding.Form.of(t, t);
        Outcome sparse = run(cluster, workload, 1, new SparseSharding(3, 64, topology, form));
        Outcome again = run(cluster, workload, 1, new SparseSharding(3, 64, topology, form.withRematerialization()));
        assertTrue(sparse.speedup(expert) > 1.1, sparse.toString());
        assertTrue(sparse.imbalance() < expert.imbalance());
        assertEquals(1, full.imbalance(), 0.01);
        assertTrue(full.received() > 4 * sparse.received() || full.received() > 4 * expert.received());
        assertTrue(again.parameterBytes() < sparse.parameterBytes());
        assertTrue(sparse.copySeconds() < again.copySeconds());
        assertEquals(expert.stateBytes(), sparse.stateBytes());
        assertEquals(expert.stateBytes() / 12 * 2, expert.parameterBytes(), 1e-6);
        Outcome even = run(cluster, workload, 0, new ExpertParallel(64, 16));
        assertTrue(even.imbalance() < 1.2 && even.worst() >= even.imbalance());
        assertTrue(even.stepSeconds() < expert.stepSeconds());
        assertEquals(expert, copy(expert, run(cluster, workload, 1, new ExpertParallel(64, 16))));
    }

    /// `other` with the measured time of `one`, the only thing that may differ.
    private static Outcome copy(Outcome one, Outcome other) {
        return new Outcome(
                other.system(),
                other.stepSeconds(),
                other.mixtureSeconds(),
                other.copySeconds(),
                other.imbalance(),
                other.worst(),
                other.idle(),
                other.received(),
                other.parameterBytes(),
                other.stateBytes(),
                one.planningSeconds());
    }

    @Test
    void workloadsHaveThePaperSizes() {
        assertEquals(1.84e9, Workload.gptSmall().allExpertParameters(), 0.04e9);
        assertEquals(7.36e9, Workload.gptLarge().allExpertParameters(), 0.15e9);
        assertEquals(3.27e9, Workload.bert().allExpertParameters(), 0.07e9);
        assertEquals(6.54e9, Workload.bertDeep().allExpertParameters(), 0.14e9);
    }

    @Test
    void recordedChoicesAreCountedByRank() {
        RoutingTrace trace = new RoutingTrace();
        assertThrows(IllegalArgumentException.class, () -> new RecordedLoads(trace, 3, 2, 8));
        trace.choices()
                .put(
                        "gate",
                        new ArrayList<>(List.of(new RoutingTrace.Choice(Shape.of(1, 4, 2), 0, 1, 0, 2, 1, 2, -1, 2))));
        RecordedLoads loads = new RecordedLoads(trace, 3, 2, 7);
        assertEquals(1, loads.steps());
        double[][] tokens = loads.tokens(0, 0);
        assertArrayEquals(new double[] {4, 2, 2}, tokens[0]);
        assertArrayEquals(new double[] {0, 2, 4}, tokens[1]);
        assertThrows(IllegalArgumentException.class, () -> new RecordedLoads(trace, 3, 5, 7).tokens(0, 0));
    }

    @Test
    void drawnLoadsHaveTheirSumsAndTheirOrder() {
        DrawnLoads loads = new DrawnLoads(SMALL, 3, new DrawnLoads.Form(1, 0.9, 0.3), 5);
        double[][] first = loads.tokens(0, 1);
        for (double[] of : first) {
            assertEquals(100, Arrays.stream(of).sum(), 1e-9);
        }
        double[][] later = loads.tokens(4, 1);
        assertTrue(!Arrays.equals(first[0], later[0]));
        assertArrayEquals(later[2], new DrawnLoads(SMALL, 3, new DrawnLoads.Form(1, 0.9, 0.3), 5).tokens(4, 1)[2]);
        assertThrows(IllegalArgumentException.class, () -> loads.tokens(3, 0));
        assertThrows(IllegalArgumentException.class, () -> new DrawnLoads.Form(1, 1.5, 0));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Simulation(PAIR, SMALL, new DrawnLoads(SMALL, 3, new DrawnLoads.Form(0, 0, 0), 1)));
    }
}
