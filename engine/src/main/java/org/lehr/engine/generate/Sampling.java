package org.lehr.engine.generate;

import java.util.List;
import java.util.stream.Stream;

/// How the next token is chosen from the model's scores.
///
/// @param temperature divides the scores; 0 takes the best token
/// @param topK only the `k` best tokens count; 0 for all
/// @param topP only the smallest set of best tokens with at least this probability counts; 1 for all
/// @param minP only tokens with at least this share of the best token's probability count; 0 for all
public record Sampling(double temperature, int topK, double topP, double minP) {

    public Sampling {
        boolean fits = temperature >= 0 && temperature < Double.POSITIVE_INFINITY && topK >= 0;
        if (!(fits && topP > 0 && topP <= 1 && minP >= 0 && minP <= 1)) {
            throw new IllegalArgumentException("sampling: needs a finite temperature ≥ 0, top-k ≥ 0, top-p in (0, 1]"
                    + " and min-p in [0, 1], got " + temperature + ", " + topK + ", " + topP + ", " + minP);
        }
    }

    /// Without a bound on the share of the best token's probability.
    public Sampling(double temperature, int topK, double topP) {
        this(temperature, topK, topP, 0);
    }

    /// Temperature 0.8 over all tokens.
    public static Sampling defaults() {
        return new Sampling(0.8, 0, 1);
    }

    /// Always the best token.
    public static Sampling greedy() {
        return new Sampling(0, 0, 1);
    }

    /// The same as processors, in the order in which they apply.
    private List<LogitProcessor> processors() {
        return Stream.<LogitProcessor>of(
                        new Temperature(temperature),
                        topK > 0 ? new TopK(topK) : null,
                        topP < 1 ? new TopP(topP) : null,
                        minP > 0 ? new MinP(minP) : null)
                .filter(processor -> processor != null)
                .toList();
    }

    /// Chooses from `scores` with `uniform` in `[0, 1)`. Of equal scores the first counts as the best; a
    /// score of −∞ is never chosen.
    ///
    /// @throws IllegalArgumentException when there is no score, one is NaN or +∞, or all are −∞
    public int choose(float[] scores, double uniform) {
        int best = Scores.best(scores);
        if (temperature == 0) {
            return best;
        }
        float[] left = scores;
        for (LogitProcessor processor : processors()) {
            left = processor.apply(new int[0], 0, left);
        }
        int[] order = Scores.descending(left);
        double[] weights = Scores.weights(left, order);
        double target = 0;
        for (double weight : weights) {
            target += weight * uniform;
        }
        for (int i = 0; i < order.length; i++) {
            target -= weights[i];
            if (target < 0) {
                return order[i];
            }
        }
        return order[order.length - 1];
    }
}
