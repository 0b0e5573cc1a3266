package org.lehr.engine.distributed.placement;

/// `p ← β·p + (1 − β)·shares`, from the first shares seen on; β = 0 repeats the last step.
public final class ExponentialMean implements LoadPredictor {

    private final int experts;
    private final double beta;
    private double[] mean;

    /// @param beta how much of the past stays, in `[0, 1)`
    public ExponentialMean(int experts, double beta) {
        if (experts < 1 || !(beta >= 0 && beta < 1)) {
            throw new IllegalArgumentException(
                    "exponential mean: needs experts and a factor in [0, 1), got " + experts + " and " + beta);
        }
        this.experts = experts;
        this.beta = beta;
    }

    @Override
    public double[] predict() {
        return mean == null ? Shares.even(experts) : mean.clone();
    }

    @Override
    public void observe(double... loads) {
        double[] shares = Shares.of("exponential mean", experts, loads);
        if (mean == null) {
            mean = shares;
            return;
        }
        for (int i = 0; i < experts; i++) {
            mean[i] = beta * mean[i] + (1 - beta) * shares[i];
        }
    }
}
