package org.lehr.engine.generate;

import java.util.Arrays;

/// Forbids each token that would repeat a row of tokens that occurs already, in the prompt or behind it (Paulus, Xiong,
/// Socher 2018).
///
/// @param size length of the row
public record NoRepeatNgram(int size) implements LogitProcessor {

    public NoRepeatNgram {
        if (size < 1) {
            throw new IllegalArgumentException("no-repeat-n-gram: expected a size of at least 1, got " + size);
        }
    }

    @Override
    public float[] apply(int[] tokens, int prompt, float[] scores) {
        float[] result = scores.clone();
        int end = tokens.length - (size - 1);
        for (int at = 0; at + size <= tokens.length; at++) {
            if (Arrays.equals(tokens, at, at + size - 1, tokens, end, tokens.length)) {
                result[tokens[at + size - 1]] = Float.NEGATIVE_INFINITY;
            }
        }
        return result;
    }
}
