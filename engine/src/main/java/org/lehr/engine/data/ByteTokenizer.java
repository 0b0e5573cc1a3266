package org.lehr.engine.data;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;

/// One token for each byte, 0 to 255, and further tokens from 256 on for what no byte stands for.
///
/// The separator is the first special token; without any it is byte 0, which does not occur in text.
///
/// @param specials names of the tokens 256, 257, ..., as decoding spells them; text that looks like one is not taken
///     for it
public record ByteTokenizer(List<String> specials) implements Tokenizer {
    private static final int BYTES = 256;

    public ByteTokenizer {
        specials = List.copyOf(specials);
        if (specials.stream().distinct().count() != specials.size()) {
            throw new IllegalArgumentException("byte tokenizer: special tokens must differ, got " + specials);
        }
    }

    /// Bytes and nothing else: a vocabulary of 256.
    public ByteTokenizer() {
        this(List.of());
    }

    @Override
    public String name() {
        return "byte";
    }

    @Override
    public int vocabularySize() {
        return BYTES + specials.size();
    }

    @Override
    public int separator() {
        return specials.isEmpty() ? 0 : BYTES;
    }

    /// The token of a special name.
    ///
    /// @throws IllegalArgumentException for a name that is not one of [#specials]
    public int special(String name) {
        int index = specials.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("byte tokenizer: no special token " + name + " among " + specials);
        }
        return BYTES + index;
    }

    @Override
    public void encode(byte[] text, IntConsumer tokens) {
        for (byte b : text) {
            tokens.accept(Byte.toUnsignedInt(b));
        }
    }

    @Override
    public byte[] decode(int... tokens) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(tokens.length);
        for (int token : tokens) {
            Objects.checkIndex(token, vocabularySize());
            if (token < BYTES) {
                bytes.write(token);
            } else {
                bytes.writeBytes(specials.get(token - BYTES).getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }
}
