package org.lehr.engine.optim.offload;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A file that serves as memory: it grows by regions, each of which is mapped. What it holds is of use to the process
/// that made it only; the next one writes over it.
///
/// Room on the disk is taken when a region is made, never when it is written to: a write to a mapping that finds the
/// disk full, or the file shorter than it was, ends the process on many systems.
public final class StateFile {

    private static final byte[] MAGIC = "Lehr optimizer state\n".getBytes(StandardCharsets.US_ASCII);
    private static final int PAGE = 4096;
    private static final int CHUNK = 1 << 20;

    private final Path path;
    private final FileChannel channel;
    // Unmapped by the collector when nobody has a piece of it any more.
    private final Arena arena = Arena.ofAuto();
    private long bytes = PAGE;

    private StateFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /// Begins a file, over a former one of this kind if there is one, and keeps others from using it.
    ///
    /// @param name where; empty for a file without a name in the folder for temporary files, which is gone with the
    ///     process
    /// @throws UncheckedIOException when there is no such folder, when something else stands there, or when it is
    /// in
    ///     use
    public static StateFile create(String name) {
        try {
            if (name.isEmpty()) {
                Path path = Files.createTempFile("lehr-optimizer-", ".state");
                FileChannel channel = FileChannel.open(
                        path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
                return begin(new StateFile(path, channel));
            }
            Path path = Path.of(name);
            if (Files.exists(path) && !Files.isRegularFile(path)) {
                throw new IOException("is no ordinary file");
            }
            FileChannel channel = FileChannel.open(
                    path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            StateFile file = new StateFile(path, channel);
            file.claim();
            return begin(file);
        } catch (NoSuchFileException missing) {
            throw new UncheckedIOException(
                    "offload: no folder for the state file " + name + "; make it first", missing);
        } catch (IOException failed) {
            throw new UncheckedIOException("offload: the state file " + name + ": " + failed.getMessage(), failed);
        }
    }

    private static StateFile begin(StateFile file) throws IOException {
        try {
            file.channel.truncate(0);
            file.channel.write(ByteBuffer.wrap(MAGIC), 0);
            file.fill(MAGIC.length, PAGE);
            return file;
        } catch (IOException full) {
            file.close();
            throw full;
        }
    }

    private void claim() throws IOException {
        try {
            boolean mine = false;
            try {
                if (channel.tryLock() == null) {
                    throw new IOException("is in use by another process; give each run a file of its own");
                }
                ByteBuffer start = ByteBuffer.allocate(MAGIC.length);
                channel.read(start, 0);
                if (channel.size() > 0 && !ByteBuffer.wrap(MAGIC).equals(start.flip())) {
                    throw new IOException("holds something else; it is not written over");
                }
                mine = true;
            } finally {
                if (!mine) {
                    channel.close();
                }
            }
        } catch (OverlappingFileLockException twice) {
            throw new IOException("is in use by another optimizer; give each one a file of its own", twice);
        }
    }

    /// Zeros at the end of the file.
    ///
    /// @throws UncheckedIOException when the disk has no room for them; the file is as before
    public MemorySegment extend(long more) {
        if (more < 0) {
            throw new IllegalArgumentException("offload: cannot extend a file by " + more + " bytes");
        }
        long from = bytes;
        try {
            requireWhole();
            long room = Files.getFileStore(path.toAbsolutePath().getParent()).getUsableSpace();
            if (more > room) {
                throw new IOException("there are " + room + " bytes of room");
            }
            long end = from + Math.ceilDiv(more, PAGE) * PAGE;
            fill(from, end);
            MemorySegment region = channel.map(FileChannel.MapMode.READ_WRITE, from, more, arena);
            bytes = end;
            return region;
        } catch (IOException full) {
            try {
                channel.truncate(from);
            } catch (IOException also) {
                full.addSuppressed(also);
            }
            throw new UncheckedIOException(
                    "offload: the state file " + path + " needs " + more + " bytes more: " + full.getMessage(), full);
        }
    }

    private void fill(long from, long end) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(CHUNK, end - from));
        for (long at = from; at < end; ) {
            at += channel.write(zeros.clear().limit((int) Math.min(zeros.capacity(), end - at)), at);
        }
    }

    /// Checks that nobody has shortened the file, before its pages are touched.
    ///
    /// @throws UncheckedIOException when somebody has
    public void requireWhole() {
        try {
            long now = channel.size();
            if (now < bytes) {
                throw new IOException("has " + now + " bytes, expected " + bytes + "; somebody cut it short");
            }
        } catch (IOException cut) {
            throw new UncheckedIOException("offload: the state file " + path + " " + cut.getMessage(), cut);
        }
    }

    /// Closes the file and deletes it; regions can still be used.
    public void close() {
        try {
            Files.deleteIfExists(path);
            channel.close();
        } catch (IOException failed) {
            throw new UncheckedIOException("offload: the state file " + path + ": " + failed.getMessage(), failed);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
