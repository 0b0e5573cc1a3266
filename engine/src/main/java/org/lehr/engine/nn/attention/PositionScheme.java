package org.lehr.engine.nn.attention;

import org.lehr.engine.tensor.RandomStream;

/// Makes the [Positions] that the layers of a model share.
@FunctionalInterface
public interface PositionScheme {

    /// @param context how many positions there are
    /// @param random for those that are learned
    Positions make(AttentionForm form, long context, RandomStream random);

    /// Whether every layer has positions of its own (registered as `rel_pos`), instead of sharing those of the
    /// model.
    default boolean perLayer() {
        return false;
    }

    /// No positions in attention: there are others, or none are wanted.
    static PositionScheme none() {
        return (form, context, random) -> Positions.NONE;
    }
}
