package org.lehr.engine.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class BigramModelTest {

    private static TokenStream stream(byte[] bytes) {
        return TokenStream.of(List.of(new Document("d", bytes)), new ByteTokenizer());
    }

    private static byte[] random(int length, int symbols, long seed) {
        byte[] bytes = new byte[length];
        long state = seed;
        for (int i = 0; i < length; i++) {
            state = Mix.of(state);
            bytes[i] = (byte) ('a' + Long.remainderUnsigned(state, symbols));
        }
        return bytes;
    }

    @Test
    void probabilitiesSumToOne() {
        BigramModel model = BigramModel.fit(stream("abracadabra".getBytes(StandardCharsets.US_ASCII)));
        for (int previous : new int[] {'a', 'b', 'z', 0}) {
            double sum = 0;
            for (int next = 0; next < 256; next++) {
                assertTrue(model.probability(previous, next) > 0);
                sum += model.probability(previous, next);
            }
            assertEquals(1, sum, 1e-12);
        }
    }

    @Test
    void followsTheFormula() {
        // 0 a b a b c 0: a → b, b; b → a, c
        BigramModel model = BigramModel.fit(stream("ababc".getBytes(StandardCharsets.US_ASCII)));
        double alone = (2.0 + 1) / (7 + 256);
        assertEquals((1 + 2 * alone) / (2 + 2), model.probability('b', 'a'), 1e-15);
        assertEquals((0 + 1 * alone) / (2 + 1), model.probability('a', 'a'), 1e-15);
        assertEquals(alone, model.probability('z', 'a'), 1e-15);
    }

    @Test
    void measuresTheEntropyOfKnownSources() {
        BigramModel uniform = BigramModel.fit(stream(random(200_000, 16, 1)));
        assertEquals(4, uniform.bitsPerToken(stream(random(50_000, 16, 2))), 0.01);
        BigramModel certain = BigramModel.fit(stream("ab".repeat(10_000).getBytes(StandardCharsets.US_ASCII)));
        assertEquals(0, certain.bitsPerToken(stream("ab".repeat(1_000).getBytes(StandardCharsets.US_ASCII))), 0.05);
    }

    @Test
    void refusesAnotherVocabulary() {
        BigramModel model = BigramModel.fit(stream(new byte[] {'a'}));
        TokenStream other =
                TokenStream.of(List.of(new Document("d", new byte[] {'a'})), new ByteTokenizer(List.of("<end>")));
        assertThrows(IllegalArgumentException.class, () -> model.bitsPerToken(other));
    }
}
