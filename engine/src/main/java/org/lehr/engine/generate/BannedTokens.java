package org.lehr.engine.generate;

import java.util.Set;

/// Forbids tokens.
public record BannedTokens(Set<Integer> banned) implements LogitProcessor {

    public BannedTokens {
        banned = Set.copyOf(banned);
    }

    @Override
    public float[] apply(int[] tokens, int prompt, float[] scores) {
        float[] result = scores.clone();
        for (int token : banned) {
            if (token < 0 || token >= scores.length) {
                throw new IllegalArgumentException(
                        "banned tokens: expected tokens of a vocabulary of " + scores.length + ", got " + token);
            }
            result[token] = Float.NEGATIVE_INFINITY;
        }
        return result;
    }
}
