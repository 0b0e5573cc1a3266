package org.lehr.engine.distributed.placement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PlannersTest {

    @Property(tries = 2000)
    void materializationFollowsTheAlgorithm(
            @ForAll @IntRange(min = 1, max = 16) int experts,
            @ForAll @IntRange(min = 1, max = 4) int nodes,
            @ForAll @IntRange(min = 1, max = 4) int perNode,
            @ForAll @IntRange(max = 18) int overlap,
            @ForAll @IntRange(max = 6) int memory,
            @ForAll long seed) {
        Random random = new Random(seed);
        Topology topology = new Topology(nodes, perNode);
        ExpertPlacement owners = RandomPlacements.owners(random, experts, topology.ranks());
        double[] loads = RandomPlacements.loads(random, experts);
        ExpertPlacement plan = new SparseMaterialization(overlap, memory).plan(owners, loads, topology);
        assertTrue(plan.includes(owners));
        int[] before = owners.sizes();
        int[] after = plan.sizes();
        int most = Math.min(memory, Math.min(overlap, experts));
        for (int rank = 0; rank < topology.ranks(); rank++) {
            assertTrue(after[rank] - before[rank] <= most, "a rank takes more than it has memory for");
        }
        int[] order = byLoad(loads);
        int t = Math.min(overlap, experts);
        for (int i = t; i < experts; i++) {
            assertEquals(1, plan.copies(order[i]), "an expert beyond the first t was copied");
        }
        for (int i = 1; i < t; i++) {
            assertTrue(plan.copies(order[i]) <= plan.copies(order[i - 1]) + 1, "a smaller load has more copies");
        }
        if (memory >= t) {
            IntStream.range(0, t).forEach(i -> assertEquals(topology.ranks(), plan.copies(order[i])));
        }
        assertCopiesAreSpread(plan, owners, topology, most);
        assertEquals(plan, new SparseMaterialization(overlap, memory).plan(owners, loads, topology));
    }

    /// A node has two copies more than another one only where that one has no free slot for the expert.
    private static void assertCopiesAreSpread(
            ExpertPlacement plan, ExpertPlacement owners, Topology topology, int slots) {
        int[] before = owners.sizes();
        int[] after = plan.sizes();
        for (int expert = 0; expert < plan.experts(); expert++) {
            int[] ofNode = new int[topology.nodes()];
            boolean[] open = new boolean[topology.nodes()];
            for (int rank = 0; rank < topology.ranks(); rank++) {
                int node = topology.nodeOf(rank);
                ofNode[node] += plan.holds(rank, expert) ? 1 : 0;
                open[node] |= !plan.holds(rank, expert) && after[rank] - before[rank] < slots;
            }
            int most = Arrays.stream(ofNode).max().orElseThrow();
            for (int node = 0; node < ofNode.length; node++) {
                assertTrue(ofNode[node] >= most - 1 || !open[node] || plan.copies(expert) == 1);
            }
        }
    }

    private static int[] byLoad(double... loads) {
        return IntStream.range(0, loads.length)
                .boxed()
                .sorted(Comparator.comparingDouble(expert -> -loads[expert]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    @Test
    void slotsFollowLoadsAndCopiesGoWhereNoneIs() {
        Topology topology = new Topology(2, 2);
        ExpertPlacement owners = ExpertPlacement.even(4, 4);
        ExpertPlacement plan = new SparseMaterialization(2, 1).plan(owners, new double[] {6, 2, 1, 1}, topology);
        assertArrayEquals(new int[] {0, 1, 2, 3}, plan.ranksOf(0));
        assertArrayEquals(new int[] {0, 1}, plan.ranksOf(1));
        plan = new SparseMaterialization(3, 1).plan(owners, new double[] {2, 2, 2, 0}, topology);
        assertArrayEquals(new int[] {0, 1, 2}, plan.ranksOf(0));
        assertEquals(2, plan.copies(1));
        assertEquals(2, plan.copies(2));
    }

    @Property(tries = 1000)
    void shardsHaveOneSizeOverAllLayers(
            @ForAll @IntRange(min = 1, max = 6) int layers,
            @ForAll @IntRange(min = 1, max = 12) int experts,
            @ForAll @IntRange(min = 1, max = 3) int nodes,
            @ForAll @IntRange(min = 1, max = 4) int perNode,
            @ForAll @IntRange(max = 13) int overlap,
            @ForAll long seed) {
        Random random = new Random(seed);
        Topology topology = new Topology(nodes, perNode);
        double[][] loads = IntStream.range(0, layers)
                .mapToObj(_ -> RandomPlacements.loads(random, experts))
                .toArray(double[][]::new);
        List<ExpertPlacement> plan = new HeterogeneousSharding(overlap).plan(loads, topology);
        int[] sizes = new int[topology.ranks()];
        for (ExpertPlacement layer : plan) {
            assertTrue(layer.isPartition());
            for (int owner : layer.owners()) {
                sizes[owner]++;
            }
        }
        int all = layers * experts;
        for (int rank = 0; rank < sizes.length; rank++) {
            assertEquals(all / sizes.length + (rank < all % sizes.length ? 1 : 0), sizes[rank]);
        }
    }

    @Test
    void coldExpertsAreBalancedWithinALayer() {
        double[][] loads = {{9, 4, 3, 2, 1}, {8, 4, 4, 4, 4}, {1, 1, 1, 1, 1}, {0, 0, 0, 0, 0}};
        Topology topology = new Topology(2, 2);
        List<ExpertPlacement> plan = new HeterogeneousSharding(1).plan(loads, topology);
        double[] of = new double[4];
        for (int expert = 1; expert < 5; expert++) {
            of[plan.get(0).owner(expert)] += loads[0][expert];
        }
        Arrays.sort(of);
        assertArrayEquals(new double[] {1, 2, 3, 4}, of);
    }

    @Property(tries = 1000)
    void tokensGoToTheNearestCopies(
            @ForAll @IntRange(min = 1, max = 8) int experts,
            @ForAll @IntRange(min = 1, max = 3) int nodes,
            @ForAll @IntRange(min = 1, max = 4) int perNode,
            @ForAll long seed) {
        Random random = new Random(seed);
        Topology topology = new Topology(nodes, perNode);
        int ranks = topology.ranks();
        ExpertPlacement plan = RandomPlacements.copies(random, RandomPlacements.owners(random, experts, ranks));
        double[][] tokens = IntStream.range(0, ranks)
                .mapToObj(_ -> RandomPlacements.loads(random, experts))
                .toArray(double[][]::new);
        TopologyDispatch dispatch = new TopologyDispatch(topology);
        double[] computed = new double[ranks];
        double[] inside = new double[ranks];
        double[] across = new double[ranks];
        for (int source = 0; source < ranks; source++) {
            for (int expert = 0; expert < experts; expert++) {
                int[] to = dispatch.candidates(plan, source, expert);
                for (int rank : to) {
                    assertTrue(plan.holds(rank, expert));
                    double part = tokens[source][expert] / to.length;
                    computed[rank] += part;
                    boolean near = topology.nodeOf(rank) == topology.nodeOf(source);
                    inside[source] += near && rank != source ? part : 0;
                    across[source] += near ? 0 : part;
                }
            }
        }
        Flow flow = dispatch.flow(plan, tokens);
        assertArrayEquals(
                computed, flow.computed(), 1e-9 * Arrays.stream(computed).sum());
        assertArrayEquals(
                inside, flow.sentInside(), 1e-9 * Arrays.stream(computed).sum());
        assertArrayEquals(
                across, flow.sentAcross(), 1e-9 * Arrays.stream(computed).sum());
        assertEquals(
                Arrays.stream(across).sum(),
                Arrays.stream(flow.receivedAcross()).sum(),
                1e-9 * Arrays.stream(computed).sum());
        assertTrue(flow.imbalance() >= 1 - 1e-12 && flow.imbalance() <= ranks + 1e-9);
    }

    @Test
    void calibrationPaysOrIsLeft() {
        Topology topology = Topology.flat(4);
        ExpertPlacement now = ExpertPlacement.even(4, 4);
        double[] loads = {10, 1, 1, 1};
        Calibration.Cost cheap = cost(0.1, loads);
        ExpertPlacement better =
                new Calibration(1).improve(now, 1, loads, topology, cheap).orElseThrow();
        assertEquals(4, better.copies(0));
        assertFalse(new Calibration(1)
                .improve(now, 1, loads, topology, cost(100, loads))
                .isPresent());
        assertFalse(new Calibration(1).improve(now, 0, loads, topology, cheap).isPresent());
    }

    private static Calibration.Cost cost(double ofCopy, double... loads) {
        return new Calibration.Cost() {
            @Override
            public double layer(ExpertPlacement placement) {
                double most = 0;
                for (int expert = 0; expert < loads.length; expert++) {
                    most = Math.max(most, loads[expert] / placement.copies(expert));
                }
                return most;
            }

            @Override
            public double gather(ExpertPlacement from, ExpertPlacement to) {
                return ofCopy * (to.size() - from.size());
            }
        };
    }

    @Test
    void seatsAreSharedOutByLargestRemainder() {
        int[] many = {9, 9, 9};
        assertArrayEquals(new int[] {5, 3, 2}, Apportionment.of(10, new double[] {47, 33, 20}, many));
        assertArrayEquals(new int[] {2, 5, 3}, Apportionment.of(10, new double[] {47, 33, 20}, 2, 9, 9));
        assertArrayEquals(new int[] {1, 1, 0}, Apportionment.of(10, new double[] {1, 0, 5}, 1, 1, 0));
        assertArrayEquals(new int[] {1, 1, 0}, Apportionment.of(2, new double[] {0, 0, 0}, many));
    }

    @Test
    void badLoadsAreNamed() {
        Topology topology = Topology.flat(2);
        ExpertPlacement owners = ExpertPlacement.even(2, 2);
        SparseMaterialization planner = new SparseMaterialization(1, 1);
        for (double[] loads : List.of(new double[] {1}, new double[] {1, -1}, new double[] {1, Double.NaN})) {
            assertThrows(IllegalArgumentException.class, () -> planner.plan(owners, loads, topology));
        }
        assertThrows(IllegalArgumentException.class, () -> planner.plan(owners, new double[] {1, 1}, Topology.flat(3)));
        assertThrows(IllegalArgumentException.class, () -> new SparseMaterialization(-1, 0));
        assertThrows(IllegalArgumentException.class, () -> new Topology(0, 1));
    }
}
