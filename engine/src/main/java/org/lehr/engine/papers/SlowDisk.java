package org.lehr.engine.papers;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/// A disk whose clock is the training: it takes so many bytes while one step is taken, and no time is measured. What
/// writes to it behind the training waits until enough steps were taken.
public final class SlowDisk {

    /// After so much real time without a step, who trains is taken to wait for the disk.
    private static final long PATIENCE_MILLIS = 30_000;

    private final long bytesPerStep;
    private boolean used;
    private boolean starved;
    private long taken;
    private long room;
    private double stood;

    /// @param bytesPerStep what it takes during a step, at least 1
    public SlowDisk(long bytesPerStep) {
        this.bytesPerStep = bytesPerStep;
    }

    /// Its clock runs from now on.
    public synchronized void begin() {
        used = true;
    }

    /// A step was taken.
    public synchronized void stepped() {
        if (used) {
            room += bytesPerStep;
            starved = false;
            notifyAll();
        }
    }

    /// So many bytes are written while training stands.
    public synchronized void waitFor(long bytes) {
        stood += (double) bytes / bytesPerStep;
    }

    /// How many steps would have been taken while training stood.
    public synchronized double stood() {
        return stood;
    }

    /// Returns once a writer behind the training has used up all the room that steps have made.
    public synchronized void awaitStarved() throws IOException {
        while (!starved) {
            pause();
        }
    }

    private synchronized void write(int bytes) throws IOException {
        taken += bytes;
        while (taken > room) {
            starved = true;
            notifyAll();
            long began = System.nanoTime();
            pause();
            if (starved && (System.nanoTime() - began) / 1_000_000 >= PATIENCE_MILLIS) {
                stood++;
                room += bytesPerStep;
            }
        }
    }

    private void pause() throws IOException {
        try {
            wait(PATIENCE_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the disk");
        }
    }

    /// A file on this disk.
    public WritableByteChannel behind(WritableByteChannel file) {
        return new WritableByteChannel() {
            @Override
            public int write(ByteBuffer bytes) throws IOException {
                SlowDisk.this.write(bytes.remaining());
                return file.write(bytes);
            }

            @Override
            public boolean isOpen() {
                return file.isOpen();
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }
}
