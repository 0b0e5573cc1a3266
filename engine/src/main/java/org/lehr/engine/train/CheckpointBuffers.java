package org.lehr.engine.train;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// Memory in which checkpoints wait for the disk: chunks of one size, made when they are first needed and used again
/// and again. One thread takes, another one gives back.
final class CheckpointBuffers implements AutoCloseable {

    private static final long MAX_CHUNK = 1 << 20;
    private static final long MIN_COUNT = 16;

    private final long chunk;
    private final long limit;
    private final BlockingQueue<Storage> free = new LinkedBlockingQueue<>();
    private long made;

    /// @param bytes of all chunks together at most, at least 1
    CheckpointBuffers(long bytes) {
        chunk = Math.clamp(bytes / MIN_COUNT, 1, MAX_CHUNK);
        limit = bytes / chunk;
    }

    /// A chunk that nobody uses, as soon as there is one.
    Storage take() throws InterruptedException {
        Storage known = free.poll();
        if (known == null && made < limit) {
            Storage fresh = Pool.host().allocate(chunk, "checkpoint buffers");
            made++;
            return fresh;
        }
        return known == null ? free.take() : known;
    }

    /// Takes back a chunk.
    void give(Storage chunk) {
        free.add(chunk);
    }

    /// Frees the chunks that were given back.
    @Override
    public void close() {
        for (Storage chunk = free.poll(); chunk != null; chunk = free.poll()) {
            chunk.release();
        }
    }
}
