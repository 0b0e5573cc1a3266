package org.lehr.engine.nn;

/// The sizes and choices of a [TransformerLM].
///
/// @param vocabulary number of tokens
/// @param context longest sequence
/// @param layers number of blocks
/// @param width width of the stream
/// @param heads attention heads
/// @param keyHeads key and value heads, a divisor of `heads`
/// @param hidden inner width of the feed-forward layers
/// @param choices what does not concern size
public record TransformerConfig(
        long vocabulary,
        long context,
        int layers,
        long width,
        long heads,
        long keyHeads,
        long hidden,
        Choices choices) {

    /// Choices that leave the sizes as they are.
    ///
    /// @param activation the feed-forward nonlinearity
    /// @param gated whether the feed-forward layer is gated
    /// @param queryKeyNorm whether queries and keys are normalised
    /// @param tied whether the output map is the embedding
    /// @param window how many positions back a query sees, 0 for all
    /// @param dropout probability of dropping an addition to the stream
    /// @param initialDeviation standard deviation of the first weights
    public record Choices(
            Activation activation,
            boolean gated,
            boolean queryKeyNorm,
            boolean tied,
            long window,
            double dropout,
            double initialDeviation) {

        /// SwiGLU with normalised queries and keys, no dropout, weights of deviation 0.02.
        public static Choices defaults() {
            return new Choices(Activation.SILU, true, true, false, 0, 0, 0.02);
        }
    }

    public TransformerConfig {
        if (vocabulary < 1 || context < 1 || layers < 1 || hidden < 1) {
            throw new IllegalArgumentException("transformer: sizes must be positive, got vocabulary " + vocabulary
                    + ", context " + context + ", layers " + layers + ", hidden " + hidden);
        }
    }

    /// A usual shape: as many key heads as heads, and a gated hidden width of 8/3 of the width, rounded
    /// up to 32.
    public static TransformerConfig of(long vocabulary, long context, int layers, long width, long heads) {
        long hidden = (width * 8 / 3 + 31) / 32 * 32;
        return new TransformerConfig(vocabulary, context, layers, width, heads, heads, hidden, Choices.defaults());
    }

    MultiHeadAttention.Form attention() {
        return new MultiHeadAttention.Form(width, heads, keyHeads, choices.queryKeyNorm, choices.window);
    }

    Activation activation() {
        return choices.activation;
    }

    boolean gated() {
        return choices.gated;
    }

    double dropout() {
        return choices.dropout;
    }

    double initialDeviation() {
        return choices.initialDeviation;
    }
}
