package org.lehr.engine.data.tokenizer;

/// A piece of text on its way to the model.
///
/// @param first whether it begins where the whole text begins
record Piece(String text, boolean first) {}
