package org.lehr.engine.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenStreamTest {

    /// Two tokens a byte, as large as the vocabulary allows.
    private record Wide(int vocabularySize) implements Tokenizer {
        @Override
        public String name() {
            return "wide";
        }

        @Override
        public int separator() {
            return vocabularySize - 1;
        }

        @Override
        public void encode(byte[] text, IntConsumer tokens) {
            for (byte b : text) {
                tokens.accept(b);
                tokens.accept(vocabularySize - 1 - b);
            }
        }

        @Override
        public byte[] decode(int... tokens) {
            return new byte[0];
        }
    }

    private static Document document(String name, String text) {
        return new Document(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private static int[] all(TokenStream stream) {
        int[] tokens = new int[stream.size()];
        stream.copy(0, tokens, 0, tokens.length);
        return tokens;
    }

    @Test
    void putsASeparatorAroundEveryDocument() {
        TokenStream stream = TokenStream.of(List.of(document("a", "xy"), document("b", "z")), new ByteTokenizer());
        assertArrayEquals(new int[] {0, 'x', 'y', 0, 'z', 0}, all(stream));
        assertEquals(6, stream.size());
        assertEquals(3, stream.bytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {256, 257, 50_257, 65_536, 65_537, 1_000_000})
    void keepsTokensOfAnySizeAndGrows(int vocabulary) {
        TokenStream stream = TokenStream.of(List.of(document("a", "\u0001\u0002")), new Wide(vocabulary));
        int last = vocabulary - 1;
        assertArrayEquals(new int[] {last, 1, last - 1, 2, last - 2, last}, all(stream));
        assertEquals(vocabulary, stream.vocabularySize());
    }

    @Test
    void fingerprintTellsTextsApart() {
        TokenStream stream = TokenStream.of(List.of(document("a", "xyz")), new ByteTokenizer());
        assertEquals(
                stream.fingerprint(),
                TokenStream.of(List.of(document("b", "xyz")), new ByteTokenizer())
                        .fingerprint());
        assertNotEquals(
                stream.fingerprint(),
                TokenStream.of(List.of(document("a", "xzy")), new ByteTokenizer())
                        .fingerprint());
    }

    @Test
    void checksRanges() {
        TokenStream stream = TokenStream.of(List.of(document("a", "xyz")), new ByteTokenizer());
        assertThrows(IndexOutOfBoundsException.class, () -> stream.get(5));
        assertThrows(IndexOutOfBoundsException.class, () -> stream.get(-1));
        assertThrows(IndexOutOfBoundsException.class, () -> stream.copy(3, new int[9], 0, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> stream.copy(0, new int[2], 0, 3));
        assertThrows(DataException.class, () -> TokenStream.of(List.of(), new ByteTokenizer()));
    }
}
