package org.lehr.bench.step;

/// The model of a training-step comparison: a pre-norm GPT with learned positions, biases, and a feed-forward layer of
/// four times the width with GELU (tanh form).
///
/// @param positions rows of the table of positions, of which a step uses the first `context`
/// @param tied whether the head is the table of tokens
public record GptShape(
        int layers, int width, int heads, int vocabulary, int positions, boolean tied, int batch, int context) {

    public static final GptShape SMALL = new GptShape(6, 384, 6, 512, 256, false, 8, 256);

    static final double RATE = 1e-3;
    static final double WEIGHT_DECAY = 0.01;

    /// The smallest GPT-2, 124 million parameters, on four sequences.
    public static GptShape gpt2(int context) {
        return new GptShape(12, 768, 12, 50257, 1024, true, 4, context);
    }

    int tokens() {
        return batch * context;
    }

    /// Token `i` of a fixed, arbitrary sequence.
    long token(long i) {
        return Math.floorMod(i * 2654435761L + (i >> 3) * 40503L, vocabulary);
    }

    /// The tokens of a step from number `first` on.
    long[] tokens(int first) {
        long[] tokens = new long[tokens()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = token(first + i);
        }
        return tokens;
    }

    /// Useful multiplications and additions of a training step: two for each weight and token forward, twice that
    /// backward, and the scores that a causal mask leaves.
    public double operations() {
        double weights = 12.0 * layers * width * width + (double) vocabulary * width;
        double scores = 2.0 * layers * width * (context + 1) / 2;
        return 6 * tokens() * (weights + scores);
    }
}
