package org.lehr.engine.data.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EscapedTextTest {

    @Test
    void everyRowOfBytesComesBack() {
        Random random = new Random(3);
        for (int i = 0; i < 3000; i++) {
            byte[] bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);
            assertArrayEquals(bytes, EscapedText.encode(EscapedText.decode(bytes)));
        }
        // Encoded surrogates, over-long forms, and a character that is cut off.
        for (int[] values : new int[][] {
            {0xED, 0xB2, 0x80}, {0xED, 0xA0, 0x80}, {0xC0, 0x80}, {0xF0, 0x9F, 0x98}, {'a', 0xE2, 0x82, 'b'}, {0xFF}
        }) {
            byte[] bytes = new byte[values.length];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) values[i];
            }
            assertArrayEquals(bytes, EscapedText.encode(EscapedText.decode(bytes)));
        }
    }

    @Test
    void textIsItself() {
        String text = "a\u0000é\uFFFD😀\u200D中";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertEquals(text, EscapedText.decode(bytes));
        assertArrayEquals(bytes, EscapedText.encode(text));
        assertEquals("x\uDC80\uDCFFy", EscapedText.decode(new byte[] {'x', (byte) 0x80, (byte) 0xFF, 'y'}));
    }

    @Test
    void theByteAlphabetIsThatOfGpt2() {
        assertEquals("ĠhiĊ!Ã©", ByteAlphabet.spell(" hi\n!é"));
        StringBuilder all = new StringBuilder();
        for (int b = 0; b < 256; b++) {
            all.append(ByteAlphabet.character(b));
        }
        assertEquals(256, all.chars().distinct().count());
        byte[] bytes = ByteAlphabet.bytes(all.toString());
        for (int b = 0; b < 256; b++) {
            assertEquals((byte) b, bytes[b]);
        }
        assertEquals(null, ByteAlphabet.bytes("a b"));
        assertEquals(null, ByteAlphabet.bytes("中"));
    }
}
