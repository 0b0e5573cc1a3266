package org.lehr.engine.distributed.placement;

import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;

/// Chooses the copies that a layer's sparse all-gather makes, from forecast loads (Qing et al. 2025, algorithm 1).
///
/// Where memory allows it, the experts with the largest loads come onto every rank. Otherwise the free slots of all
/// ranks are shared out to them in proportion to their loads (by largest remainder; a rank that has an expert takes no
/// second copy), and the copies of each are spread over nodes, then over ranks, where the most slots are free.
///
/// @param overlap how many experts a rank can receive while other work hides it, `t`
/// @param memory how many more experts a rank has memory for, `m`
public record SparseMaterialization(int overlap, int memory) {

    public SparseMaterialization {
        if (overlap < 0 || memory < 0) {
            throw new IllegalArgumentException("sparse materialization: needs an overlap degree and a memory of at"
                    + " least 0, got " + overlap + " and " + memory);
        }
    }

    /// Placement with copies.
    ///
    /// @param base where experts are already: the owners or, for a second round, what the first gave
    /// @param loads what each expert has to do, in any unit
    public ExpertPlacement plan(ExpertPlacement base, double[] loads, Topology topology) {
        topology.requireRanks("sparse materialization", base.ranks());
        int t = Math.min(overlap, base.experts());
        int m = Math.min(memory, t);
        Experts.requireLoads("sparse materialization", base.experts(), loads);
        int[] top = Experts.top(t, loads);
        Additions additions = new Additions(base);
        if (t == m) {
            for (int i = 0; i < t; i++) {
                additions.addEverywhere(top[i]);
            }
            return additions.placement();
        }
        double[] votes = new double[t];
        int[] most = new int[t];
        for (int i = 0; i < t; i++) {
            votes[i] = loads[top[i]] / base.copies(top[i]);
            most[i] = base.ranks() - base.copies(top[i]);
        }
        int slots = (int) Math.min((long) base.ranks() * m, Integer.MAX_VALUE);
        int[] copies = Apportionment.of(slots, votes, most);
        Spread spread = new Spread(base, additions, topology, m);
        for (int i = 0; i < t; i++) {
            spread.place(top[i], copies[i]);
        }
        return additions.placement();
    }

    /// Puts copies where slots are free.
    private static final class Spread {

        private final ExpertPlacement base;
        private final Additions additions;
        private final Topology topology;
        private final int[] freeOfRank;

        Spread(ExpertPlacement base, Additions additions, Topology topology, int slots) {
            this.base = base;
            this.additions = additions;
            this.topology = topology;
            this.freeOfRank = new int[topology.ranks()];
            Arrays.fill(freeOfRank, slots);
        }

        /// A node as a place for one more copy of an expert.
        private record Place(int node, int copies, int free) {}

        /// Nodes with the fewest copies first, among them those with the most free slots, then in their order.
        private static final Comparator<Place> ORDER = Comparator.comparingInt(Place::copies)
                .thenComparing(Comparator.comparingInt(Place::free).reversed())
                .thenComparingInt(Place::node);

        void place(int expert, int copies) {
            int[] have = new int[topology.nodes()];
            for (int rank : base.holders(expert)) {
                have[topology.nodeOf(rank)]++;
            }
            PriorityQueue<Place> places = new PriorityQueue<>(topology.nodes(), ORDER);
            for (int node = 0; node < topology.nodes(); node++) {
                offer(places, node, have[node], expert);
            }
            for (int left = copies; left > 0 && !places.isEmpty(); left--) {
                Place place = places.poll();
                int rank = freest(place.node, expert);
                additions.add(expert, rank);
                freeOfRank[rank]--;
                offer(places, place.node, place.copies + 1, expert);
            }
        }

        private void offer(PriorityQueue<Place> places, int node, int copies, int expert) {
            if (freest(node, expert) < 0) {
                return;
            }
            int free = 0;
            for (int rank = topology.first(node); rank < topology.first(node + 1); rank++) {
                free += freeOfRank[rank];
            }
            places.add(new Place(node, copies, free));
        }

        /// The rank with the most free slots that lacks the expert; −1 where there is none.
        private int freest(int node, int expert) {
            int best = -1;
            for (int rank = topology.first(node); rank < topology.first(node + 1); rank++) {
                boolean open = freeOfRank[rank] > 0 && !additions.holds(rank, expert);
                if (open && (best < 0 || freeOfRank[rank] > freeOfRank[best])) {
                    best = rank;
                }
            }
            return best;
        }
    }
}
