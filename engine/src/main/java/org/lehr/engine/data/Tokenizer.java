package org.lehr.engine.data;

import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/// Text to numbers and back. Where nothing else is said, every sequence of bytes can be encoded, and decoding gives
/// back the same bytes.
public interface Tokenizer {

    /// What kind it is: `byte`, `bpe`, `unigram`.
    String name();

    /// Tokens are `0, 1, ..., vocabularySize − 1`.
    int vocabularySize();

    /// The token that stands before the first document, between documents and after the last: where a text begins
    /// and ends.
    int separator();

    /// Hands the tokens of `text`, which need not be valid UTF-8, to `tokens` in order. No separators are added.
    void encode(byte[] text, IntConsumer tokens);

    /// The bytes that `tokens` stand for.
    ///
    /// @throws IndexOutOfBoundsException for a token outside the vocabulary
    byte[] decode(int... tokens);

    /// The tokens of `text`, without separators.
    default int[] encode(String text) {
        IntStream.Builder tokens = IntStream.builder();
        encode(text.getBytes(StandardCharsets.UTF_8), tokens);
        return tokens.build().toArray();
    }

    /// The text that `tokens` stand for; what is not valid UTF-8 becomes U+FFFD.
    default String decodeText(int... tokens) {
        return new String(decode(tokens), StandardCharsets.UTF_8);
    }
}
