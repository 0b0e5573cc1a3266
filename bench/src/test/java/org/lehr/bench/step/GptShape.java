package org.lehr.bench.step;

/// The model of the training-step comparison: a pre-norm GPT with learned positions, biases, an untied head and a
/// feed-forward layer of four times the width with GELU (tanh form).
record GptShape(int layers, int width, int heads, int vocabulary, int batch, int context) {

    static final GptShape SMALL = new GptShape(6, 384, 6, 512, 8, 256);

    int tokens() {
        return batch * context;
    }

    /// Token `i` of a fixed, arbitrary sequence.
    long token(long i) {
        return Math.floorMod(i * 2654435761L + (i >> 3) * 40503L, vocabulary);
    }
}
