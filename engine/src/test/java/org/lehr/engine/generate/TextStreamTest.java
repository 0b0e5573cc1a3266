package org.lehr.engine.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lehr.engine.data.ByteTokenizer;
import org.lehr.engine.data.Document;
import org.lehr.engine.data.Tokenizer;
import org.lehr.engine.data.tokenizer.BpeTrainer;

final class TextStreamTest {

    private final List<String> pieces = new ArrayList<>();

    private TextStream stream(Tokenizer tokenizer, String prompt, String... stops) {
        return new TextStream(tokenizer, tokenizer.encode(prompt), List.of(stops), pieces::add);
    }

    private static boolean feed(TextStream stream, int[] tokens) {
        boolean goesOn = true;
        for (int token : tokens) {
            goesOn = stream.accept(token);
        }
        return goesOn;
    }

    @Test
    void charactersComeWhole() {
        Tokenizer bytes = new ByteTokenizer();
        String text = "aé€😀z\u0301 ".repeat(20);
        TextStream stream = stream(bytes, "prompt €");
        assertTrue(feed(stream, bytes.encode(text)));
        stream.end();
        assertEquals(text, stream.text());
        assertEquals(text, String.join("", pieces));
        assertEquals(text.codePointCount(0, text.length()), pieces.size());
        pieces.forEach(piece -> assertEquals(1, piece.codePointCount(0, piece.length())));
    }

    @Test
    void tokensAcrossCharactersComeWhole() {
        String text = "naïve 😀😀 Привет, это текст. ".repeat(9);
        Tokenizer bpe = BpeTrainer.train(List.of(new Document("t", text.getBytes(StandardCharsets.UTF_8))), 300);
        TextStream stream = stream(bpe, "начало ");
        feed(stream, bpe.encode(text));
        stream.end();
        assertEquals(text, stream.text());
        pieces.forEach(piece -> assertFalse(piece.contains("\uFFFD")));
    }

    @Test
    void brokenCharactersAreReplaced() {
        TextStream stream = stream(new ByteTokenizer(), "");
        feed(stream, new int[] {'a', 0x80, 0xFF, 'b', 0xE2, 0x82});
        assertEquals("a\uFFFD\uFFFDb", stream.text());
        stream.end();
        assertEquals("a\uFFFD\uFFFDb\uFFFD", stream.text());
    }

    @Test
    void stopStringsEndTheText() {
        Tokenizer bytes = new ByteTokenizer();
        TextStream stream = stream(bytes, "", "\n\n", "END");
        assertTrue(feed(stream, bytes.encode("a\nb EN")));
        assertEquals("a\nb ", stream.text());
        assertTrue(stream.accept('E'));
        assertEquals("a\nb EN", stream.text());
        assertFalse(feed(stream, bytes.encode("ND more")));
        stream.end();
        assertEquals("a\nb EN", stream.text());
    }

    @Test
    void whatIsHeldBackComesAtTheEnd() {
        Tokenizer bytes = new ByteTokenizer();
        TextStream stream = stream(bytes, "stop in the prompt: END", "ENDE");
        feed(stream, bytes.encode("x END"));
        assertEquals("x ", stream.text());
        stream.end();
        assertEquals("x END", stream.text());
        assertThrows(IllegalArgumentException.class, () -> stream(bytes, "", ""));
    }
}
