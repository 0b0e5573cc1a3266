package org.lehr.engine.generate;

/// Keeps the best tokens, of equal ones the first (Fan, Lewis, Dauphin 2018).
///
/// @param count how many
public record TopK(int count) implements LogitProcessor {

    public TopK {
        if (count < 1) {
            throw new IllegalArgumentException("top-k: expected at least 1, got " + count);
        }
    }

    @Override
    public float[] apply(int[] tokens, int prompt, float[] scores) {
        int[] order = Scores.descending(scores);
        return Scores.only(scores, order, Math.min(count, order.length));
    }
}
