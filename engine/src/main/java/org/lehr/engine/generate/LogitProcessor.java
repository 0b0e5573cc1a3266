package org.lehr.engine.generate;

/// Changes the scores of the next token before one is chosen. A pure function: the same arguments give the same
/// scores, and the arrays that it is given stay as they are. A score of −∞ forbids a token.
@FunctionalInterface
public interface LogitProcessor {

    /// @param tokens the prompt and what was written so far
    /// @param prompt how many of the tokens are the prompt
    /// @param scores one for each token of the vocabulary
    float[] apply(int[] tokens, int prompt, float[] scores);
}
