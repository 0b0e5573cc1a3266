package org.lehr.engine.data;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32C;

/// Documents as one long row of tokens, a separator before each and one at the end, in one byte a token where the
/// vocabulary allows it, else in two or four.
public final class TokenStream {
    private static final int CHUNK = 1 << 16;

    private final Cells cells;
    private final int size;
    private final long bytes;
    private final int vocabularySize;

    private TokenStream(Cells cells, int size, long bytes, int vocabularySize) {
        this.cells = cells;
        this.size = size;
        this.bytes = bytes;
        this.vocabularySize = vocabularySize;
    }

    /// Encodes `documents` in their order.
    ///
    /// @throws DataException when there are none, or their tokens are more than an array can hold
    public static TokenStream of(List<Document> documents, Tokenizer tokenizer) {
        if (documents.isEmpty()) {
            throw new DataException("token stream: there is no document");
        }
        long bytes = 0;
        for (Document document : documents) {
            bytes += document.bytes().length;
        }
        Writer writer = new Writer(tokenizer.vocabularySize(), Math.min(bytes + documents.size() + 1, Writer.LIMIT));
        for (Document document : documents) {
            writer.write(tokenizer.separator());
            tokenizer.encode(document.bytes(), writer::write);
        }
        writer.write(tokenizer.separator());
        return new TokenStream(writer.cells, writer.size, bytes, tokenizer.vocabularySize());
    }

    /// Number of tokens, separators included.
    public int size() {
        return size;
    }

    /// Bytes of text, separators not included: what bits per byte are counted over.
    public long bytes() {
        return bytes;
    }

    public int vocabularySize() {
        return vocabularySize;
    }

    /// @throws IndexOutOfBoundsException outside `[0, size)`
    public int get(int index) {
        Objects.checkIndex(index, size);
        return cells.get(index);
    }

    /// Writes the tokens `[from, from + length)` to `target` from `offset` on.
    ///
    /// @throws IndexOutOfBoundsException when either range is outside its array
    public void copy(int from, int[] target, int offset, int length) {
        Objects.checkFromIndexSize(from, length, size);
        Objects.checkFromIndexSize(offset, length, target.length);
        for (int i = 0; i < length; i++) {
            target[offset + i] = cells.get(from + i);
        }
    }

    /// A checksum of the tokens, by which a resumed run knows that it sees the same data.
    public long fingerprint() {
        CRC32C crc = new CRC32C();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        for (int i = 0; i < size; i++) {
            chunk.putInt(cells.get(i));
            if (!chunk.hasRemaining() || i == size - 1) {
                crc.update(chunk.flip());
                chunk.clear();
            }
        }
        return (long) size << 32 | crc.getValue();
    }

    @Override
    public String toString() {
        return "TokenStream[" + size + " tokens of " + vocabularySize + "]";
    }

    /// Where tokens are kept.
    private sealed interface Cells {
        int get(int index);

        void set(int index, int token);

        Cells resized(int size);

        static Cells of(int vocabularySize, int size) {
            if (vocabularySize <= 1 << 8) {
                return new Bytes(new byte[size]);
            }
            return vocabularySize <= 1 << 16 ? new Shorts(new short[size]) : new Ints(new int[size]);
        }
    }

    private record Bytes(byte[] values) implements Cells {
        @Override
        public int get(int index) {
            return Byte.toUnsignedInt(values[index]);
        }

        @Override
        public void set(int index, int token) {
            values[index] = (byte) token;
        }

        @Override
        public Cells resized(int size) {
            return new Bytes(Arrays.copyOf(values, size));
        }
    }

    private record Shorts(short[] values) implements Cells {
        @Override
        public int get(int index) {
            return Short.toUnsignedInt(values[index]);
        }

        @Override
        public void set(int index, int token) {
            values[index] = (short) token;
        }

        @Override
        public Cells resized(int size) {
            return new Shorts(Arrays.copyOf(values, size));
        }
    }

    private record Ints(int[] values) implements Cells {
        @Override
        public int get(int index) {
            return values[index];
        }

        @Override
        public void set(int index, int token) {
            values[index] = token;
        }

        @Override
        public Cells resized(int size) {
            return new Ints(Arrays.copyOf(values, size));
        }
    }

    private static final class Writer {
        private static final int LIMIT = Integer.MAX_VALUE - 16;

        private Cells cells;
        private int capacity;
        private int size;

        Writer(int vocabularySize, long capacity) {
            this.capacity = (int) capacity;
            this.cells = Cells.of(vocabularySize, this.capacity);
        }

        void write(int token) {
            if (size == capacity) {
                grow();
            }
            cells.set(size++, token);
        }

        private void grow() {
            if (capacity == LIMIT) {
                throw new DataException("token stream: more than " + LIMIT + " tokens; use less text");
            }
            capacity = (int) Math.min(2L * capacity, LIMIT);
            cells = cells.resized(capacity);
        }
    }
}
