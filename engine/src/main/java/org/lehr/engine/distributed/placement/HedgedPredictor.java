package org.lehr.engine.distributed.placement;

import java.util.List;

/// A mixture of predictors that follows the best of them: each counts `exp(−ηₜ·Lₜ)`, where `L` is the sum of what it
/// was wrong by so far and `ηₜ = √(8·ln N/t)` (the exponentially weighted average forecaster; Cesa-Bianchi and Lugosi
/// 2006, theorem 2.3). What a forecast is wrong by is the share of the load that it gives to wrong experts.
///
/// Whatever the loads are, [#regret] stays below `2·√(½·t·ln N) + √(ln N/8)`.
public final class HedgedPredictor implements LoadPredictor {

    private final List<LoadPredictor> predictors;
    private final int experts;
    private final double[] losses;
    private double loss;
    private long steps;

    /// @param predictors that have seen nothing, for the same experts
    public HedgedPredictor(int experts, List<LoadPredictor> predictors) {
        if (experts < 1 || predictors.isEmpty()) {
            throw new IllegalArgumentException(
                    "hedged predictor: needs experts and predictors, got " + experts + " and " + predictors.size());
        }
        this.experts = experts;
        this.predictors = List.copyOf(predictors);
        this.losses = new double[predictors.size()];
    }

    /// Of the last step, means over 5 steps and over about 10, and the trend of 5.
    public static HedgedPredictor usual(int experts) {
        return new HedgedPredictor(
                experts,
                List.of(
                        new ExponentialMean(experts, 0),
                        new WindowMean(experts, WindowMean.USUAL),
                        new ExponentialMean(experts, 0.9),
                        new LinearTrend(experts, WindowMean.USUAL)));
    }

    @Override
    public double[] predict() {
        double[] weights = weights();
        double[] mixture = new double[experts];
        for (int k = 0; k < weights.length; k++) {
            double[] forecast = predictors.get(k).predict();
            for (int i = 0; i < experts; i++) {
                mixture[i] += weights[k] * forecast[i];
            }
        }
        return mixture;
    }

    /// What each predictor counts in the next forecast; they add up to 1.
    public double[] weights() {
        double rate = Math.sqrt(8 * Math.log(losses.length) / (steps + 1));
        double least = least();
        double[] weights = new double[losses.length];
        for (int k = 0; k < weights.length; k++) {
            weights[k] = StrictMath.exp(-rate * (losses[k] - least));
        }
        return Shares.of("hedged predictor", weights.length, weights);
    }

    @Override
    public void observe(double... loads) {
        double[] shares = Shares.of("hedged predictor", experts, loads);
        loss += Shares.distance(predict(), shares);
        for (int k = 0; k < losses.length; k++) {
            losses[k] += Shares.distance(predictors.get(k).predict(), shares);
            predictors.get(k).observe(loads);
        }
        steps++;
    }

    /// How many steps were seen.
    public long steps() {
        return steps;
    }

    /// By how much all forecasts so far were wrong.
    public double loss() {
        return loss;
    }

    /// As [#loss], of each predictor by itself.
    public double[] losses() {
        return losses.clone();
    }

    /// How much more the mixture was wrong than the predictor that turned out to be the best.
    public double regret() {
        return loss - least();
    }

    private double least() {
        double least = Double.POSITIVE_INFINITY;
        for (double of : losses) {
            least = Math.min(least, of);
        }
        return least;
    }
}
