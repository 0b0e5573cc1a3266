package org.lehr.engine.data.tokenizer;

import java.util.Arrays;

/// A printable character for each byte, as byte-level vocabularies spell their tokens (Radford et al. 2019): visible
/// characters of Latin-1 stand for themselves, the other 68 bytes for `U+0100` and what follows, in their order.
final class ByteAlphabet {

    private static final char[] CHARACTERS = new char[256];
    private static final short[] BYTES = new short[0x100 + 68];

    static {
        Arrays.fill(BYTES, (short) -1);
        char next = 0x100;
        for (int b = 0; b < 256; b++) {
            boolean visible = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
            CHARACTERS[b] = visible ? (char) b : next++;
            BYTES[CHARACTERS[b]] = (short) b;
        }
    }

    private ByteAlphabet() {}

    static char character(int unsignedByte) {
        return CHARACTERS[unsignedByte];
    }

    /// The bytes of `text`, each as its character.
    static String spell(String text) {
        byte[] bytes = EscapedText.encode(text);
        char[] characters = new char[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            characters[i] = CHARACTERS[Byte.toUnsignedInt(bytes[i])];
        }
        return new String(characters);
    }

    /// The bytes that `spelled` stands for, null when one of its characters stands for none.
    static byte[] bytes(String spelled) {
        byte[] bytes = new byte[spelled.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = spelled.charAt(i);
            if (c >= BYTES.length || BYTES[c] < 0) {
                return null;
            }
            bytes[i] = (byte) BYTES[c];
        }
        return bytes;
    }
}
