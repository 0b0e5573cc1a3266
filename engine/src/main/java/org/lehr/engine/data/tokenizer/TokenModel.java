package org.lehr.engine.data.tokenizer;

import java.util.function.IntConsumer;

/// Turns pieces of text into tokens.
interface TokenModel {

    /// `bpe` or `unigram`.
    String name();

    Vocabulary vocabulary();

    /// Hands the tokens of `piece`, which is not empty, to `tokens`.
    void encode(String piece, IntConsumer tokens);
}
