package org.lehr.engine.data.tokenizer;

import java.util.function.Consumer;

/// Cuts a piece into smaller ones, and may rewrite them.
@FunctionalInterface
interface PreTokenizer {

    /// Hands the pieces of `piece` that are not empty to `next`, in order.
    void split(Piece piece, Consumer<Piece> next);

    /// This one, and `second` on each of its pieces.
    default PreTokenizer then(PreTokenizer second) {
        return (piece, next) -> split(piece, part -> second.split(part, next));
    }
}
