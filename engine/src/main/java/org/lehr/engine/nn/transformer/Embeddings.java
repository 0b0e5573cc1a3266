package org.lehr.engine.nn.transformer;

/// What goes into the first block.
///
/// @param table whether something is added for each position
/// @param scale multiplies the rows of tokens: 1 usually, `√width` in the first transformers and Gemma
/// @param normed whether the sum is normalised
/// @param dropout probability of dropping an element of it
public record Embeddings(Table table, double scale, boolean normed, double dropout) {

    /// What is added for each position.
    public enum Table {
        /// Nothing: attention knows positions, or none are wanted.
        NONE,
        /// A learned row.
        LEARNED,
        /// Sines and cosines of wavelengths from 2π to 10,000·2π (Vaswani et al. 2017).
        SINUSOIDAL
    }

    /// The rows of tokens as they are.
    public static Embeddings plain() {
        return new Embeddings(Table.NONE, 1, false, 0);
    }

    public Embeddings {
        if (!(scale > 0 && scale < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "transformer: the scale of embeddings must be positive and finite, got " + scale);
        }
    }
}
