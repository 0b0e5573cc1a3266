package org.lehr.engine.distributed.placement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// Chooses the owners of the experts of all layers together, from forecast loads (Qing et al. 2025, algorithm 2). All
/// ranks own equally many experts over all layers, but within one layer a rank may own any number.
///
/// The `t` experts of each layer with the largest loads will be copied anyway, so the others are placed first: layers
/// in
/// the order of their most loaded expert among those, experts by falling load, each to the least loaded node with a
/// free
/// slot and there to the least loaded rank; where loads are equal, to the one with fewer free slots. Loads are counted
/// within a layer, as the slowest rank of a layer is what others wait for. The rest fills what is left.
///
/// @param overlap how many experts of a layer will be copied, `t`
public record HeterogeneousSharding(int overlap) {

    public HeterogeneousSharding {
        if (overlap < 0) {
            throw new IllegalArgumentException(
                    "heterogeneous sharding: needs an overlap degree of at least 0, got " + overlap);
        }
    }

    /// A partition for each layer.
    ///
    /// @param loads of each expert, layer by layer; layers may differ in the number of experts
    public List<ExpertPlacement> plan(double[][] loads, Topology topology) {
        int[][] byLoad = new int[loads.length][];
        int all = 0;
        for (int layer = 0; layer < loads.length; layer++) {
            byLoad[layer] = Experts.byLoad("heterogeneous sharding", loads[layer].length, loads[layer]);
            all += loads[layer].length;
        }
        int[][] owners = IntStream.range(0, loads.length)
                .mapToObj(layer -> new int[loads[layer].length])
                .toArray(int[][]::new);
        Slots slots = new Slots(all, topology);
        IntStream.range(0, loads.length)
                .filter(layer -> overlap < byLoad[layer].length)
                .boxed()
                .sorted(Comparator.comparingDouble(layer -> -loads[layer][byLoad[layer][overlap]]))
                .forEach(layer -> {
                    slots.newLayer();
                    for (int i = overlap; i < byLoad[layer].length; i++) {
                        int expert = byLoad[layer][i];
                        owners[layer][expert] = slots.takeLeastLoaded(loads[layer][expert]);
                    }
                });
        List<ExpertPlacement> placements = new ArrayList<>();
        for (int layer = 0; layer < loads.length; layer++) {
            for (int i = 0; i < Math.min(overlap, byLoad[layer].length); i++) {
                owners[layer][byLoad[layer][i]] = slots.takeFreest();
            }
            placements.add(ExpertPlacement.owned(topology.ranks(), owners[layer]));
        }
        return placements;
    }

    /// The free slots of ranks and their loads in a layer.
    private static final class Slots {

        private final Topology topology;
        private final int[] freeOfRank;
        private final int[] freeOfNode;
        private final double[] loadOfRank;
        private final double[] loadOfNode;
        private final TreeSet<Integer> openNodes;
        private final TreeSet<Integer> byFree;

        /// Where slots cannot be shared out evenly, the first ranks have one more.
        Slots(int all, Topology topology) {
            this.topology = topology;
            int ranks = topology.ranks();
            freeOfRank = new int[ranks];
            freeOfNode = new int[topology.nodes()];
            loadOfRank = new double[ranks];
            loadOfNode = new double[topology.nodes()];
            for (int rank = 0; rank < ranks; rank++) {
                freeOfRank[rank] = all / ranks + (rank < all % ranks ? 1 : 0);
                freeOfNode[topology.nodeOf(rank)] += freeOfRank[rank];
            }
            openNodes = new TreeSet<>(Comparator.<Integer>comparingDouble(node -> loadOfNode[node])
                    .thenComparingInt(node -> freeOfNode[node])
                    .thenComparingInt(node -> node));
            byFree = new TreeSet<>(
                    Comparator.<Integer>comparingInt(rank -> -freeOfRank[rank]).thenComparingInt(rank -> rank));
            IntStream.range(0, ranks).forEach(byFree::add);
            newLayer();
        }

        void newLayer() {
            openNodes.clear();
            Arrays.fill(loadOfRank, 0);
            Arrays.fill(loadOfNode, 0);
            for (int node = 0; node < topology.nodes(); node++) {
                if (freeOfNode[node] > 0) {
                    openNodes.add(node);
                }
            }
        }

        int takeLeastLoaded(double load) {
            int node = openNodes.first();
            int best = -1;
            for (int rank = topology.first(node); rank < topology.first(node + 1); rank++) {
                if (freeOfRank[rank] > 0 && (best < 0 || comesBefore(rank, best))) {
                    best = rank;
                }
            }
            openNodes.remove(node);
            take(best);
            loadOfRank[best] += load;
            loadOfNode[node] += load;
            if (freeOfNode[node] > 0) {
                openNodes.add(node);
            }
            return best;
        }

        private boolean comesBefore(int rank, int other) {
            return loadOfRank[rank] < loadOfRank[other]
                    || loadOfRank[rank] == loadOfRank[other] && freeOfRank[rank] < freeOfRank[other];
        }

        int takeFreest() {
            int rank = byFree.first();
            take(rank);
            return rank;
        }

        private void take(int rank) {
            byFree.remove(rank);
            freeOfRank[rank]--;
            freeOfNode[topology.nodeOf(rank)]--;
            byFree.add(rank);
        }
    }
}
