package org.lehr.engine.distributed.simulate;

import java.util.Arrays;
import java.util.BitSet;
import org.lehr.engine.distributed.placement.Calibration;
import org.lehr.engine.distributed.placement.ExpertPlacement;
import org.lehr.engine.distributed.placement.Flow;
import org.lehr.engine.distributed.placement.Topology;
import org.lehr.engine.distributed.placement.TopologyDispatch;

/// What placements of a layer cost on a cluster, in seconds.
///
/// Tokens go out and back forward and backward, four times in all; each time takes as long as the busiest link does,
/// plus a latency for each partner inside the node and each other node. Experts come to a node once and go on inside
/// it, along trees that keep links busy in both directions.
///
/// @param tokens of each device for each expert, `[ranks][experts]`
record LayerCosts(Cluster cluster, Workload workload, double[]... tokens) implements Calibration.Cost {

    @Override
    public double layer(ExpertPlacement placement) {
        Flow flow = flow(placement);
        return 4 * exchange(flow) + 3 * compute(flow);
    }

    /// There, and the gradients back.
    @Override
    public double gather(ExpertPlacement from, ExpertPlacement to) {
        return 2 * transfer(from, to, workload.expertBytes());
    }

    Flow flow(ExpertPlacement placement) {
        return new TopologyDispatch(cluster.topology()).flow(placement, tokens);
    }

    /// Experts' work forward.
    double compute(Flow flow) {
        return flow.most() * workload.expertFlops() / cluster.flops();
    }

    /// Tokens one way.
    double exchange(Flow flow) {
        Topology topology = cluster.topology();
        double inside = 0;
        double[] out = new double[topology.nodes()];
        double[] in = new double[topology.nodes()];
        for (int rank = 0; rank < topology.ranks(); rank++) {
            inside = Math.max(inside, Math.max(flow.sentInside()[rank], flow.receivedInside()[rank]));
            out[topology.nodeOf(rank)] += flow.sentAcross()[rank];
            in[topology.nodeOf(rank)] += flow.receivedAcross()[rank];
        }
        double across = Math.max(
                Arrays.stream(out).max().orElse(0), Arrays.stream(in).max().orElse(0));
        double latency = cluster.inside().latency() * (topology.ranksPerNode() - 1)
                + cluster.across().latency() * (topology.nodes() - 1);
        return latency
                + Math.max(
                        cluster.inside().seconds(inside * workload.tokenBytes()),
                        cluster.across().seconds(across * workload.tokenBytes()));
    }

    /// Experts of `bytes` each to the ranks of `to` that do not have them in `from`.
    double transfer(ExpertPlacement from, ExpertPlacement to, double bytes) {
        if (to.equals(from)) {
            return 0;
        }
        Topology topology = cluster.topology();
        int[] received = new int[topology.ranks()];
        int[] in = new int[topology.nodes()];
        int[] out = new int[topology.nodes()];
        BitSet had = new BitSet(topology.nodes());
        BitSet gets = new BitSet(topology.nodes());
        for (int expert = 0; expert < to.experts(); expert++) {
            had.clear();
            gets.clear();
            int[] holders = from.ranksOf(expert);
            for (int rank : holders) {
                had.set(topology.nodeOf(rank));
            }
            for (int rank : to.ranksOf(expert)) {
                boolean comes = !from.holds(rank, expert);
                received[rank] += comes ? 1 : 0;
                if (comes && !had.get(topology.nodeOf(rank))) {
                    gets.set(topology.nodeOf(rank));
                }
            }
            forward(topology.nodeOf(holders[0]), gets, in, out);
        }
        int inside = Arrays.stream(received).max().orElse(0);
        int across = Math.max(
                Arrays.stream(in).max().orElse(0), Arrays.stream(out).max().orElse(0));
        double latency = cluster.inside().latency() * (inside + depth(topology.ranksPerNode()))
                + cluster.across().latency() * (across == 0 ? 0 : across + depth(topology.nodes()));
        return latency
                + Math.max(
                        cluster.inside().seconds(inside * bytes),
                        cluster.across().seconds(across * bytes));
    }

    /// From node to node: each but the last passes on what it gets.
    private static void forward(int source, BitSet gets, int[] in, int... out) {
        int sender = source;
        for (int node = gets.nextSetBit(0); node >= 0; node = gets.nextSetBit(node + 1)) {
            out[sender]++;
            in[node]++;
            sender = node;
        }
    }

    private static double depth(int members) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(members - 1);
    }
}
