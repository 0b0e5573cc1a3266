package org.lehr.engine.generate;

/// Keeps the tokens that have at least this share of the best token's probability (Nguyen et al. 2024).
///
/// @param share in `[0, 1]`
public record MinP(double share) implements LogitProcessor {

    public MinP {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("min-p: expected a share in [0, 1], got " + share);
        }
    }

    @Override
    public float[] apply(int[] tokens, int prompt, float[] scores) {
        double least = scores[Scores.best(scores)] + Math.log(share);
        float[] result = scores.clone();
        for (int i = 0; i < result.length; i++) {
            if (result[i] < least) {
                result[i] = Float.NEGATIVE_INFINITY;
            }
        }
        return result;
    }
}
