package org.lehr.engine.generate;

import java.util.Arrays;

/// What choosing by scores is made of.
final class Scores {

    private Scores() {}

    /// The token with the highest score, the first of several.
    ///
    /// @throws IllegalArgumentException when there is no score, one is NaN or +∞, or all are −∞
    static int best(float[] scores) {
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

    /// Indices from the highest score to the lowest, equal ones in their order, forbidden ones left out: one sort
    /// of numbers whose upper half orders like the score, downwards, and whose lower half is the index.
    static int[] descending(float[] scores) {
        long[] keys = new long[scores.length];
        int count = 0;
        for (int i = 0; i < scores.length; i++) {
            if (scores[i] > Float.NEGATIVE_INFINITY) {
                int bits = Float.floatToIntBits(scores[i] + 0.0f);
                int ascending = bits ^ (bits >> 31 & Integer.MAX_VALUE);
                keys[count++] = (long) ~ascending << 32 | i;
            }
        }
        Arrays.sort(keys, 0, count);
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            order[i] = (int) keys[i];
        }
        return order;
    }

    /// `e^(score − best)` of the scores in `order`, whose first is the best.
    static double[] weights(float[] scores, int[] order) {
        double[] weights = new double[order.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp((double) scores[order[i]] - scores[order[0]]);
        }
        return weights;
    }

    /// The scores of the first `count` in `order`, and −∞ for all others.
    static float[] only(float[] scores, int[] order, int count) {
        float[] kept = new float[scores.length];
        Arrays.fill(kept, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < count; i++) {
            kept[order[i]] = scores[order[i]];
        }
        return kept;
    }

    /// Logarithms of the probabilities that the scores stand for.
    static double[] logProbabilities(float[] scores) {
        double best = scores[best(scores)];
        double sum = 0;
        for (float score : scores) {
            sum += Math.exp(score - best);
        }
        double all = best + Math.log(sum);
        double[] result = new double[scores.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = scores[i] - all;
        }
        return result;
    }
}
