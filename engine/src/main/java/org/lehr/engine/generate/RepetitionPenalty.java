package org.lehr.engine.generate;

/// Divides the positive scores of tokens that occur in the prompt or in what was written, and multiplies the negative
/// ones (Keskar et al. 2019, CTRL). It does not matter how often they occur.
///
/// @param penalty greater than 0; above 1 it keeps from repeating
public record RepetitionPenalty(double penalty) implements LogitProcessor {

    public RepetitionPenalty {
        if (!(penalty > 0 && penalty < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("repetition penalty: expected a finite number above 0, got " + penalty);
        }
    }

    @Override
    public float[] apply(int[] tokens, int prompt, float[] scores) {
        float[] result = scores.clone();
        for (int token : tokens) {
            float score = scores[token];
            result[token] = (float) (score > 0 ? score / penalty : score * penalty);
        }
        return result;
    }
}
