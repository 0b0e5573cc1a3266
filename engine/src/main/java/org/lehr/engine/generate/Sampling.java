package org.lehr.engine.generate;

import java.util.Arrays;

/// How the next token is chosen from the model's scores.
///
/// @param temperature divides the scores; 0 takes the best token
/// @param topK only the `k` best tokens count; 0 for all
/// @param topP only the smallest set of best tokens with at least this probability counts (Holtzman et
/// al. 2020); 1 for all
public record Sampling(double temperature, int topK, double topP) {

    public Sampling {
        if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY) || topK < 0 || !(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException(
                    "sampling: needs a finite temperature ≥ 0, top-k ≥ 0 and top-p in (0, 1], got " + temperature + ", "
                            + topK + ", " + topP);
        }
    }

    /// Temperature 0.8 over all tokens.
    public static Sampling defaults() {
        return new Sampling(0.8, 0, 1);
    }

    /// Chooses from `scores` with `uniform` in `[0, 1)`. Of equal scores the first counts as the best; a
    /// score of −∞ is never chosen.
    ///
    /// @throws IllegalArgumentException when there is no score, one is NaN or +∞, or all are −∞
    public int choose(float[] scores, double uniform) {
        int best = best(scores);
        if (temperature == 0) {
            return best;
        }
        int[] order = descending(scores);
        int count = topK == 0 ? scores.length : Math.min(topK, scores.length);
        double[] weights = new double[count];
        double total = 0;
        for (int i = 0; i < count; i++) {
            weights[i] = Math.exp(((double) scores[order[i]] - scores[best]) / temperature);
            total += weights[i];
        }
        double within = 0;
        int last = 0;
        for (; last < count && within < topP * total; last++) {
            within += weights[last];
        }
        double target = uniform * within;
        for (int i = 0; i < last; i++) {
            target -= weights[i];
            if (target < 0) {
                return order[i];
            }
        }
        return order[Math.max(last - 1, 0)];
    }

    private static int best(float[] scores) {
        int best = -1;
        for (int i = 0; i < scores.length; i++) {
            if (Float.isNaN(scores[i]) || scores[i] == Float.POSITIVE_INFINITY) {
                throw new IllegalArgumentException("sampling: the score of token " + i + " is " + scores[i]
                        + "; the model's parameters or inputs are not finite");
            }
            if (scores[i] > (best < 0 ? Float.NEGATIVE_INFINITY : scores[best])) {
                best = i;
            }
        }
        if (best < 0) {
            throw new IllegalArgumentException(
                    "sampling: none of " + scores.length + " scores is above -Infinity; nothing can be chosen");
        }
        return best;
    }

    /// Indices from the highest score to the lowest, equal ones in their order: one sort of numbers whose
    /// upper half orders like the score, downwards, and whose lower half is the index.
    private static int[] descending(float[] scores) {
        long[] keys = new long[scores.length];
        for (int i = 0; i < keys.length; i++) {
            int bits = Float.floatToIntBits(scores[i] + 0.0f);
            int ascending = bits ^ (bits >> 31 & Integer.MAX_VALUE);
            keys[i] = (long) ~ascending << 32 | i;
        }
        Arrays.sort(keys);
        int[] order = new int[keys.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = (int) keys[i];
        }
        return order;
    }
}
