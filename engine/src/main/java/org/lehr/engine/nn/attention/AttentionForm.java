package org.lehr.engine.nn.attention;

/// The sizes and choices of an attention layer.
///
/// @param width n, of the stream
/// @param heads query heads
/// @param keyHeads key and value heads, a divisor of `heads`: as many for multi-head attention, one for multi-query
/// @param headWidth width of a head; usually `width / heads`
/// @param choices what does not concern size
public record AttentionForm(long width, long heads, long keyHeads, long headWidth, Choices choices) {

    /// Choices that leave the sizes as they are.
    ///
    /// @param norm how queries and keys are normalised
    /// @param inputBias whether the maps to queries, keys and values have biases
    /// @param outputBias whether the last map has one
    /// @param scale factor of the dot products; NaN for `1/√headWidth`
    /// @param softCap scores become `softCap·tanh(score/softCap)`; 0 for no such bound
    /// @param window how many positions back a causal query sees, 0 for all
    /// @param positions how positions enter
    public record Choices(
            QueryKeyNorm norm,
            boolean inputBias,
            boolean outputBias,
            double scale,
            double softCap,
            long window,
            PositionScheme positions) {

        public Choices {
            if (!(softCap >= 0) || softCap == Double.POSITIVE_INFINITY || window < 0 || Double.isInfinite(scale)) {
                throw new IllegalArgumentException(
                        "attention: needs a finite soft cap and window of at least 0 and a finite scale, got soft cap "
                                + softCap + ", window " + window + ", scale " + scale);
            }
        }

        /// Nothing but dot products: no norms, biases, caps, windows, positions.
        public static Choices plain() {
            return new Choices(QueryKeyNorm.NONE, false, false, Double.NaN, 0, 0, PositionScheme.none());
        }

        public Choices withNorm(QueryKeyNorm other) {
            return new Choices(other, inputBias, outputBias, scale, softCap, window, positions);
        }

        /// Biases in all four maps, or in none.
        public Choices withBiases(boolean on) {
            return new Choices(norm, on, on, scale, softCap, window, positions);
        }

        public Choices withScale(double other) {
            return new Choices(norm, inputBias, outputBias, other, softCap, window, positions);
        }

        public Choices withSoftCap(double other) {
            return new Choices(norm, inputBias, outputBias, scale, other, window, positions);
        }

        public Choices withWindow(long other) {
            return new Choices(norm, inputBias, outputBias, scale, softCap, other, positions);
        }

        public Choices withPositions(PositionScheme other) {
            return new Choices(norm, inputBias, outputBias, scale, softCap, window, other);
        }
    }

    public AttentionForm {
        if (width < 1 || heads < 1 || keyHeads < 1 || headWidth < 1 || heads % keyHeads != 0) {
            throw new IllegalArgumentException("attention: needs positive sizes and heads divisible by key heads, got"
                    + " width " + width + ", heads " + heads + ", key heads " + keyHeads + ", head width "
                    + headWidth);
        }
    }

    /// Heads that share the width equally.
    ///
    /// @throws IllegalArgumentException unless `heads` divides `width` and `keyHeads` divides `heads`
    public static AttentionForm of(long width, long heads, long keyHeads, Choices choices) {
        if (heads < 1 || width % heads != 0) {
            throw new IllegalArgumentException(
                    "attention: the width must be divisible by the heads, got width " + width + ", heads " + heads);
        }
        return new AttentionForm(width, heads, keyHeads, width / heads, choices);
    }

    public AttentionForm withChoices(Choices other) {
        return new AttentionForm(width, heads, keyHeads, headWidth, other);
    }
}
