package org.lehr.engine.distributed.placement;

import java.util.Arrays;

/// Loads as parts of 1.
final class Shares {

    private Shares() {}

    static double[] even(int experts) {
        double[] even = new double[experts];
        Arrays.fill(even, 1.0 / experts);
        return even;
    }

    /// Loads over their sum; equal shares where all are 0.
    static double[] of(String operation, int experts, double... loads) {
        Experts.requireLoads(operation, experts, loads);
        double sum = Arrays.stream(loads).sum();
        return sum == 0
                ? even(experts)
                : Arrays.stream(loads).map(load -> load / sum).toArray();
    }

    /// `½·Σ|p − q|`: the share of the load that is foretold for a wrong expert. From 0 to 1.
    static double distance(double[] p, double... q) {
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += Math.abs(p[i] - q[i]);
        }
        return sum / 2;
    }
}
