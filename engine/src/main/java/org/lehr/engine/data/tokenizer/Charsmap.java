package org.lehr.engine.data.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// The normalization that SentencePiece compiles into its models: a table from strings to strings, in base64.
///
/// Four bytes give the length of the table's index in bytes, then come the index and the values, each with a zero byte
/// at its end; all numbers are little-endian. The index is a double-array trie (Aoe 1989) as Darts-clone lays it out, a
/// 32-bit unit for each node: bits 0–7 and 31 are the byte that leads here, bit 8 says whether a key ends here, bits
/// 10–30 (times 256 where bit 9 is set) are the exclusive-or distance to the children. The child for byte `c` is the
/// unit at `base ^ c`; a key's value, the place of its string, stands in bits 0–30 of the unit at `base`.
///
/// A cluster of characters (an extended grapheme) of less than six bytes that begins with a key becomes that key's
/// value as a whole, with the shortest such key; of other clusters each character does for itself. That is not the
/// longest match that one would expect, but it is what Hugging Face's library computes.
final class Charsmap implements Normalizer {

    private static final Pattern CLUSTER = Pattern.compile("\\X");
    private static final int LONGEST_CLUSTER = 5;

    private final int[] units;
    private final byte[] values;

    private Charsmap(int[] units, byte[] values) {
        this.units = units;
        this.values = values;
    }

    static Normalizer read(Part part) {
        if (part.isAbsent()) {
            return text -> text;
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(part.text());
        } catch (IllegalArgumentException e) {
            throw part.wrong("expected base64");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int size = bytes.length < 8 ? -1 : buffer.getInt();
        if (size < 4 || size % 4 != 0 || size > buffer.remaining()) {
            throw part.wrong("expected a compiled character map");
        }
        int[] units = new int[size / 4];
        buffer.asIntBuffer().get(units);
        byte[] values = new byte[buffer.remaining() - size];
        buffer.position(buffer.position() + size).get(values);
        return new Charsmap(units, values);
    }

    @Override
    public String apply(String text) {
        StringBuilder out = new StringBuilder(text.length());
        CLUSTER.matcher(text).results().map(MatchResult::group).forEach(cluster -> {
            byte[] bytes = EscapedText.encode(cluster);
            String whole = bytes.length <= LONGEST_CLUSTER ? value(bytes) : null;
            if (whole != null) {
                out.append(whole);
                return;
            }
            cluster.codePoints().forEach(c -> {
                String character = Character.toString(c);
                String one = value(EscapedText.encode(character));
                out.append(one == null ? character : one);
            });
        });
        return out.toString();
    }

    /// The value of the shortest key that `text` begins with, null where there is none.
    private String value(byte[] text) {
        int node = base(units[0]);
        for (byte b : text) {
            int label = Byte.toUnsignedInt(b);
            node ^= label;
            if (label == 0 || node < 0 || node >= units.length || (units[node] & 0x800000FF) != label) {
                return null;
            }
            boolean ends = (units[node] >>> 8 & 1) == 1;
            node ^= base(units[node]);
            if (ends && node < units.length) {
                return string(units[node] & 0x7FFFFFFF);
            }
        }
        return null;
    }

    private static int base(int unit) {
        return unit >>> 10 << ((unit & 1 << 9) >>> 6);
    }

    private String string(int from) {
        int to = from;
        while (to < values.length && values[to] != 0) {
            to++;
        }
        return from >= to ? "" : new String(values, from, to - from, StandardCharsets.UTF_8);
    }
}
