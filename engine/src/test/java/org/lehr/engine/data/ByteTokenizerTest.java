package org.lehr.engine.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ByteTokenizerTest {
    private final Tokenizer plain = new ByteTokenizer();

    @Property
    void givesBackAnyBytes(@ForAll byte[] bytes) {
        IntStream.Builder tokens = IntStream.builder();
        plain.encode(bytes, tokens);
        assertArrayEquals(bytes, plain.decode(tokens.build().toArray()));
    }

    @Test
    void isUtf8OneTokenAByte() {
        assertArrayEquals(new int[] {'a', 0xC3, 0xA9}, plain.encode("aé"));
        assertEquals("aé", plain.decodeText('a', 0xC3, 0xA9));
        assertEquals("a\uFFFD", plain.decodeText('a', 0xC3));
    }

    @Test
    void numbersSpecialTokensFrom256() {
        ByteTokenizer special = new ByteTokenizer(List.of("<end>", "<pad>"));
        assertEquals(258, special.vocabularySize());
        assertEquals(257, special.special("<pad>"));
        assertEquals(256, special.separator());
        assertEquals("x<end>", special.decodeText('x', 256));
        assertEquals(5, special.encode("<end>").length);
        assertEquals(256, plain.vocabularySize());
        assertEquals(0, plain.separator());
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertThrows(IndexOutOfBoundsException.class, () -> plain.decode(256));
        assertThrows(IndexOutOfBoundsException.class, () -> plain.decode(-1));
        assertThrows(IllegalArgumentException.class, () -> new ByteTokenizer(List.of("<a>", "<a>")));
        assertThrows(IllegalArgumentException.class, () -> new ByteTokenizer().special("<a>"));
    }

    @Test
    void keepsInvalidUtf8() {
        byte[] invalid = {(byte) 0xFF, 'a', (byte) 0x80};
        TokenStream stream = TokenStream.of(List.of(new Document("d", invalid)), plain);
        assertEquals(0xFF, stream.get(1));
        assertEquals(new String(invalid, StandardCharsets.UTF_8), plain.decodeText(0xFF, 'a', 0x80));
    }
}
