package org.lehr.bench.step;

/// The model of the training-step comparison: a pre-norm GPT with learned positions, biases, an untied head and a
/// feed-forward layer of four times the width with GELU (tanh form).
record GptShape(int layers, int width, int heads, int vocabulary, int batch, int context) {

    static final GptShape SMALL = new GptShape(6, 384, 6, 512, 8, 256);

    static final double RATE = 1e-3;
    static final double WEIGHT_DECAY = 0.01;

    int tokens() {
        return batch * context;
    }

    /// Token `i` of a fixed, arbitrary sequence.
    long token(long i) {
        return Math.floorMod(i * 2654435761L + (i >> 3) * 40503L, vocabulary);
    }

    /// Useful multiplications and additions of a training step: two for each weight and token forward, twice that
    /// backward, and the scores that a causal mask leaves.
    double operations() {
        double weights = 12.0 * layers * width * width + (double) vocabulary * width;
        double scores = 2.0 * layers * width * (context + 1) / 2;
        return 6 * tokens() * (weights + scores);
    }
}
