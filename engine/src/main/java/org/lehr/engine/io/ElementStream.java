package org.lehr.engine.io;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteOrder;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// Reads elements from a stream into memory of their own.
final class ElementStream {

    private static final int CHUNK_BYTES = 1 << 16;

    private ElementStream() {}

    /// Reads `count` elements in the order of the file.
    ///
    /// @param file how messages name the file
    /// @throws FormatException when the stream ends early or an element is outside its type's values
    static Storage read(Object file, InputStream in, ElementType type, ByteOrder order, long count) throws IOException {
        Storage storage = Pool.host().allocate(count * type.memory().bytes(), file.toString());
        byte[] chunk = new byte[CHUNK_BYTES];
        MemorySegment source = MemorySegment.ofArray(chunk);
        int perChunk = CHUNK_BYTES / type.bytes();
        for (long done = 0; done < count; ) {
            int now = (int) Math.min(perChunk, count - done);
            int bytes = in.readNBytes(chunk, 0, now * type.bytes());
            if (bytes < now * type.bytes()) {
                throw new FormatException(
                        file,
                        "data ends after " + (done * type.bytes() + bytes) + " bytes: expected " + count * type.bytes()
                                + "; it may be truncated");
            }
            try {
                type.decode(source, 0, order, storage.segment(), done, now);
            } catch (ElementType.BadElement e) {
                throw new FormatException(file, e.getMessage(), e);
            }
            done += now;
        }
        Reference.reachabilityFence(storage);
        return storage;
    }

    /// Refuses anything that follows.
    static void expectEnd(Object file, InputStream in) throws IOException {
        if (in.read() >= 0) {
            throw new FormatException(file, "bytes follow the data: expected the end of the file");
        }
    }
}
