package org.lehr.engine.distributed.placement;

import java.util.Arrays;

/// Where tokens go when an expert has several copies: to the one on their own rank; where there is none, to those in
/// their node; else to all. Among several, evenly (Qing et al. 2025).
public record TopologyDispatch(Topology topology) {

    /// The ranks among which the tokens of `source` for `expert` are shared out.
    public int[] candidates(ExpertPlacement placement, int source, int expert) {
        if (placement.holds(source, expert)) {
            return new int[] {source};
        }
        int node = topology.nodeOf(source);
        int[] near = Arrays.stream(placement.holders(expert))
                .filter(rank -> topology.nodeOf(rank) == node)
                .toArray();
        return near.length > 0 ? near : placement.ranksOf(expert);
    }

    /// How many tokens go where.
    ///
    /// @param tokens of each rank for each expert, `[ranks][experts]`
    public Flow flow(ExpertPlacement placement, double[]... tokens) {
        topology.requireRanks("dispatch", placement.ranks());
        if (tokens.length != placement.ranks()) {
            throw new IllegalArgumentException(
                    "dispatch: needs tokens of each of " + placement.ranks() + " ranks, got " + tokens.length);
        }
        Flow flow = Flow.none(topology);
        double[] ofNode = new double[topology.nodes()];
        int[] copiesInNode = new int[topology.nodes()];
        for (int expert = 0; expert < placement.experts(); expert++) {
            share(placement, expert, tokens, flow, ofNode, copiesInNode);
        }
        return flow;
    }

    /// Pools what cannot stay on its rank by node, and what cannot stay in its node over all, so that the work is
    /// in
    /// proportion to ranks and copies.
    private void share(
            ExpertPlacement placement, int expert, double[][] tokens, Flow flow, double[] ofNode, int... copiesInNode) {
        Arrays.fill(ofNode, 0);
        Arrays.fill(copiesInNode, 0);
        int[] holders = placement.holders(expert);
        for (int rank : holders) {
            copiesInNode[topology.nodeOf(rank)]++;
        }
        double far = 0;
        int next = 0;
        for (int source = 0; source < tokens.length; source++) {
            double count = tokens[source][expert];
            if (next < holders.length && holders[next] == source) {
                next++;
                flow.computed()[source] += count;
                flow.stayed()[source] += count;
            } else if (copiesInNode[topology.nodeOf(source)] > 0) {
                flow.sentInside()[source] += count;
                ofNode[topology.nodeOf(source)] += count;
            } else {
                flow.sentAcross()[source] += count;
                far += count;
            }
        }
        for (int rank : holders) {
            double near = ofNode[topology.nodeOf(rank)] / copiesInNode[topology.nodeOf(rank)];
            double across = far / holders.length;
            flow.receivedInside()[rank] += near;
            flow.receivedAcross()[rank] += across;
            flow.computed()[rank] += near + across;
        }
    }
}
