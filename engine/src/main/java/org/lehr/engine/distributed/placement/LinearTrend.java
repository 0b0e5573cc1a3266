package org.lehr.engine.distributed.placement;

import java.util.ArrayDeque;

/// The line of least squares through the shares of the last steps, read one step ahead; what falls below 0 is 0, and
/// all is divided by its sum.
public final class LinearTrend implements LoadPredictor {

    private final int experts;
    private final int window;
    private final ArrayDeque<double[]> seen = new ArrayDeque<>();

    /// @param window how many steps it looks back, at least 2
    public LinearTrend(int experts, int window) {
        if (experts < 1 || window < 2) {
            throw new IllegalArgumentException("linear trend: needs experts and a window of at least two steps, got "
                    + experts + " and " + window);
        }
        this.experts = experts;
        this.window = window;
    }

    /// With `k` shares at times `0 … k − 1` the line at time `k` is a sum of them with the weights
    /// `1/k + (k − t̄)(t − t̄)/Σ(t − t̄)²`.
    @Override
    public double[] predict() {
        if (seen.isEmpty()) {
            return Shares.even(experts);
        }
        int k = seen.size();
        double middle = (k - 1) / 2.0;
        double spread = k * ((double) k * k - 1) / 12;
        double[] line = new double[experts];
        int t = 0;
        for (double[] shares : seen) {
            double weight = 1.0 / k + (k == 1 ? 0 : (k - middle) * (t - middle) / spread);
            for (int i = 0; i < experts; i++) {
                line[i] += weight * shares[i];
            }
            t++;
        }
        for (int i = 0; i < experts; i++) {
            line[i] = Math.max(0, line[i]);
        }
        return Shares.of("linear trend", experts, line);
    }

    @Override
    public void observe(double... loads) {
        seen.addLast(Shares.of("linear trend", experts, loads));
        if (seen.size() > window) {
            seen.removeFirst();
        }
    }
}
