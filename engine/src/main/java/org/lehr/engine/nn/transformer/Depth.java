package org.lehr.engine.nn.transformer;

/// How many layers there are, and which of them share their weights (Lan et al. 2020; Dehghani et al. 2019).
///
/// @param layers blocks that a token goes through
/// @param distinct blocks with weights of their own, at most `layers`
/// @param order how the distinct blocks follow each other
public record Depth(int layers, int distinct, Order order) {

    /// How distinct blocks `a, b, c` follow each other.
    public enum Order {
        /// `a a b b c c`
        REPEATED,
        /// `a b c a b c`
        CYCLED
    }

    public Depth {
        if (layers < 1 || distinct < 1 || distinct > layers) {
            throw new IllegalArgumentException(
                    "transformer: needs at least one layer and between one and all of them distinct, got layers "
                            + layers + ", distinct " + distinct);
        }
    }

    /// Layers that share nothing.
    public static Depth of(int layers) {
        return new Depth(layers, layers, Order.CYCLED);
    }

    /// Which of the distinct blocks is layer `i`.
    int block(int i) {
        return switch (order) {
            case REPEATED -> (int) ((long) i * distinct / layers);
            case CYCLED -> i % distinct;
        };
    }
}
