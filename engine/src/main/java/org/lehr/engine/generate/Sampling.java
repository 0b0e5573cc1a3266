package org.lehr.engine.generate;

import java.util.Arrays;

/// How the next token is chosen from the model's scores.
///
/// @param temperature divides the scores; 0 takes the best token
/// @param topK only the `k` best tokens count; 0 for all
/// @param topP only the smallest set of best tokens with at least this probability counts (Holtzman et al. 2020); 1 for all
public record Sampling(double temperature, int topK, double topP) {

    public Sampling {
        if (!(temperature >= 0) || topK < 0 || !(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("sampling: needs temperature ≥ 0, top-k ≥ 0 and top-p in (0, 1], got "
                    + temperature + ", " + topK + ", " + topP);
        }
    }

    /// Temperature 0.8 over all tokens.
    public static Sampling defaults() {
        return new Sampling(0.8, 0, 1);
    }

    /// Chooses from `scores` with `uniform` in `[0, 1)`.
    public int choose(float[] scores, double uniform) {
        Integer[] order = new Integer[scores.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        Arrays.sort(order, (a, b) -> Float.compare(scores[b], scores[a]));
        if (temperature == 0) {
            return order[0];
        }
        int count = topK == 0 ? scores.length : Math.min(topK, scores.length);
        double[] weights = new double[count];
        double total = 0;
        for (int i = 0; i < count; i++) {
            weights[i] = Math.exp((scores[order[i]] - scores[order[0]]) / temperature);
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
}
