package org.lehr.engine.distributed.placement;

import java.util.ArrayDeque;

/// The mean of the shares in the last steps, as Hecate has it with 5 of them.
public final class WindowMean implements LoadPredictor {

    /// How many steps Hecate looks back.
    public static final int USUAL = 5;

    private final int experts;
    private final int window;
    private final ArrayDeque<double[]> seen = new ArrayDeque<>();

    /// @param window how many steps it looks back, at least 1
    public WindowMean(int experts, int window) {
        if (experts < 1 || window < 1) {
            throw new IllegalArgumentException(
                    "window mean: needs experts and a window of at least one step, got " + experts + " and " + window);
        }
        this.experts = experts;
        this.window = window;
    }

    @Override
    public double[] predict() {
        if (seen.isEmpty()) {
            return Shares.even(experts);
        }
        double[] mean = new double[experts];
        for (double[] shares : seen) {
            for (int i = 0; i < experts; i++) {
                mean[i] += shares[i] / seen.size();
            }
        }
        return mean;
    }

    @Override
    public void observe(double... loads) {
        seen.addLast(Shares.of("window mean", experts, loads));
        if (seen.size() > window) {
            seen.removeFirst();
        }
    }
}
