package org.lehr.engine.data.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.lehr.engine.data.DataException;
import org.lehr.engine.data.Document;

/// A tokenizer with one token for each character of a text. It is written as a BPE model without merges that falls back
/// to bytes: tokens 0 to 255 are the bytes, 256 is `<|endoftext|>`, then come the characters, the most frequent first
/// and of equally frequent ones the one with the lower code. Every text can be encoded; a character that was not met in
/// training takes as many tokens as it has bytes.
public final class CharacterVocabulary {

    private static final int BYTES = 256;
    // Characters do not depend on how the text is cut; lines keep the pieces short.
    private static final String LINES = "{\"type\":\"Split\",\"pattern\":{\"String\":\"\\n\"},"
            + "\"behavior\":\"MergedWithPrevious\",\"invert\":false}";
    private static final String DECODER =
            "{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"ByteFallback\"},{\"type\":\"Fuse\"}]}";

    private CharacterVocabulary() {}

    /// Learns the characters of `documents`.
    ///
    /// @param most how many characters at most, the most frequent ones
    /// @throws DataException when there is no text
    public static TextTokenizer train(List<Document> documents, int most) {
        if (most < 1) {
            throw new IllegalArgumentException("tokenizer: needs at least 1 character, got " + most);
        }
        Map<Integer, long[]> counts = new HashMap<>();
        for (Document document : documents) {
            EscapedText.decode(document.bytes())
                    .codePoints()
                    .filter(c -> Character.getType(c) != Character.SURROGATE)
                    .forEach(c -> counts.computeIfAbsent(c, character -> new long[1])[0]++);
        }
        if (counts.isEmpty()) {
            throw new DataException("tokenizer: there is no text to learn from");
        }
        List<Integer> characters = new ArrayList<>(counts.keySet());
        characters.sort(
                Comparator.comparingLong((Integer c) -> -counts.get(c)[0]).thenComparing(c -> c));
        SequencedMap<String, Integer> vocabulary = new LinkedHashMap<>();
        for (int b = 0; b < BYTES; b++) {
            vocabulary.put("<0x%02X>".formatted(b), b);
        }
        vocabulary.put(BpeTrainer.SEPARATOR, BYTES);
        for (int c : characters.subList(0, Math.min(most, characters.size()))) {
            vocabulary.put(Character.toString(c), vocabulary.size());
        }
        return TokenizerJson.bpe(vocabulary, List.of(), Map.of(BpeTrainer.SEPARATOR, BYTES), LINES, DECODER, true);
    }
}
