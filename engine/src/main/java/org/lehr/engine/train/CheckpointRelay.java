package org.lehr.engine.train;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.lehr.engine.io.AtomicFiles;
import org.lehr.kernels.memory.Storage;

/// A file on its way through buffers: one thread writes it and closes it, another one passes it on to where it belongs.
final class CheckpointRelay implements WritableByteChannel {

    /// Bytes of the file; a null storage says that it ends.
    private record Piece(Storage chunk, ByteBuffer bytes) {}

    private final CheckpointBuffers buffers;
    private final BlockingQueue<Piece> full = new LinkedBlockingQueue<>();
    private Piece filling;
    private long bytes;
    private boolean closed;
    private boolean drained;
    private volatile Throwable failure;

    CheckpointRelay(CheckpointBuffers buffers) {
        this.buffers = buffers;
    }

    /// Copies all of `source`, waiting for buffers where there are none.
    @Override
    public int write(ByteBuffer source) throws IOException {
        int count = source.remaining();
        while (source.hasRemaining()) {
            if (filling == null) {
                Storage chunk = interruptibly(buffers::take);
                filling = new Piece(chunk, chunk.segment().asByteBuffer());
            }
            int fits = Math.min(source.remaining(), filling.bytes.remaining());
            filling.bytes.put(source.slice(source.position(), fits));
            source.position(source.position() + fits);
            if (!filling.bytes.hasRemaining()) {
                handOver();
            }
        }
        bytes += count;
        return count;
    }

    /// How many bytes were written so far.
    long bytes() {
        return bytes;
    }

    private void handOver() {
        filling.bytes.flip();
        full.add(filling);
        filling = null;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    /// Ends the file.
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (filling != null) {
                handOver();
            }
            full.add(new Piece(null, null));
        }
    }

    /// Ends the file before it is whole.
    void fail(Throwable cause) {
        failure = cause;
        close();
    }

    /// Passes the whole file on.
    ///
    /// @throws IOException when `target` fails, or the file did not become whole
    void drain(WritableByteChannel target) throws IOException {
        for (Piece piece = next(); piece != null; piece = next()) {
            try {
                AtomicFiles.writeFully(target, piece.bytes);
            } finally {
                buffers.give(piece.chunk);
            }
        }
        if (failure != null) {
            throw new IOException("its contents could not be copied: " + failure, failure);
        }
    }

    /// Gives all buffers back that the file takes still, until its end has come.
    void discard() throws IOException {
        for (Piece piece = next(); piece != null; piece = next()) {
            buffers.give(piece.chunk);
        }
    }

    private Piece next() throws IOException {
        if (drained) {
            return null;
        }
        Piece piece = interruptibly(full::take);
        drained = piece.chunk == null;
        return drained ? null : piece;
    }

    private interface Wait<T> {
        T until() throws InterruptedException;
    }

    private static <T> T interruptibly(Wait<T> wait) throws IOException {
        try {
            return wait.until();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while copying a checkpoint");
        }
    }
}
