package org.lehr.engine.distributed.placement;

/// Ranks in nodes of equal size: rank `r` is in node `r / ranksPerNode`. Links inside a node are faster than those
/// between nodes.
public record Topology(int nodes, int ranksPerNode) {

    public Topology {
        if (nodes < 1 || ranksPerNode < 1) {
            throw new IllegalArgumentException(
                    "topology: needs at least one node of one rank, got " + nodes + " of " + ranksPerNode);
        }
    }

    /// Ranks that are all equally near.
    public static Topology flat(int ranks) {
        return new Topology(1, ranks);
    }

    public int ranks() {
        return nodes * ranksPerNode;
    }

    public int nodeOf(int rank) {
        return rank / ranksPerNode;
    }

    /// The first rank of a node.
    int first(int node) {
        return node * ranksPerNode;
    }

    void requireRanks(String operation, int ranks) {
        if (ranks != ranks()) {
            throw new IllegalArgumentException(operation + ": the placement has " + ranks + " ranks, the topology "
                    + nodes + " x " + ranksPerNode);
        }
    }
}
