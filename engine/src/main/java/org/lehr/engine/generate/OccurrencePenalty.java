package org.lehr.engine.generate;

/// Subtracts from the scores of tokens that were written already; the prompt does not count.
///
/// @param presence subtracted once from each token that occurs
/// @param frequency subtracted for each time that it occurs
public record OccurrencePenalty(double presence, double frequency) implements LogitProcessor {

    public OccurrencePenalty {
        if (!Double.isFinite(presence) || !Double.isFinite(frequency)) {
            throw new IllegalArgumentException(
                    "occurrence penalty: expected finite numbers, got " + presence + " and " + frequency);
        }
    }

    @Override
    public float[] apply(int[] tokens, int prompt, float[] scores) {
        int[] counts = new int[scores.length];
        for (int i = prompt; i < tokens.length; i++) {
            counts[tokens[i]]++;
        }
        float[] result = scores.clone();
        for (int i = 0; i < result.length; i++) {
            if (counts[i] > 0) {
                result[i] -= (float) (presence + frequency * counts[i]);
            }
        }
        return result;
    }
}
