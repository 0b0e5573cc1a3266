package org.lehr.engine.distributed.placement;

import java.util.Arrays;

/// How many tokens each rank works on, and how many it sends and receives inside its node and across nodes.
public record Flow(
        double[] computed,
        double[] stayed,
        double[] sentInside,
        double[] sentAcross,
        double[] receivedInside,
        double... receivedAcross) {

    static Flow none(Topology topology) {
        int ranks = topology.ranks();
        return new Flow(
                new double[ranks],
                new double[ranks],
                new double[ranks],
                new double[ranks],
                new double[ranks],
                new double[ranks]);
    }

    /// Tokens of the most loaded rank.
    public double most() {
        return Arrays.stream(computed).max().orElse(0);
    }

    /// Tokens of the most loaded rank over the mean; 1 where there are none.
    public double imbalance() {
        double mean = Arrays.stream(computed).average().orElse(0);
        return mean == 0 ? 1 : most() / mean;
    }

    /// The share of the ranks' time that passes with waiting for the most loaded one, `1 − mean/most`.
    public double idle() {
        return 1 - 1 / imbalance();
    }
}
