package org.lehr.engine.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/// Files that are either the old ones or the new ones, whole, whatever happens in between: the content goes to
/// a temporary name in the same folder, is forced to the disk, and takes the place of the old file by a rename.
///
/// A failure (a full disk, an exception of the body) deletes the temporary file and leaves the old one as it
/// was. A process killed in between leaves a file named `.NAME.PID-N.partial`, which [#sweep] removes.
public final class AtomicFiles {

    private static final String SUFFIX = ".partial";
    private static final AtomicLong COUNTER = new AtomicLong();

    private AtomicFiles() {}

    /// What is to stand in the file.
    @FunctionalInterface
    public interface Body {
        /// Writes everything to `channel`, which the caller closes.
        void write(WritableByteChannel channel) throws IOException;
    }

    /// Replaces `target` with what `body` writes.
    ///
    /// @throws IOException naming `target` and the cause, when the folder is absent or the disk is full, or
    ///     whatever else the body throws
    public static void write(Path target, Body body) throws IOException {
        Path whole = target.toAbsolutePath();
        Path partial = whole.resolveSibling("." + whole.getFileName() + "."
                + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet() + SUFFIX);
        boolean written = false;
        try {
            try (FileChannel channel =
                    FileChannel.open(partial, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                body.write(channel);
                channel.force(true);
            }
            Files.move(partial, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            written = true;
        } catch (FormatException e) {
            throw e;
        } catch (NoSuchFileException e) {
            throw new IOException(target + ": not written: the folder " + whole.getParent() + " does not exist", e);
        } catch (IOException e) {
            String kept = Files.exists(target) ? "not written, the previous file is intact: " : "not written: ";
            throw new IOException(target + ": " + kept + e.getMessage(), e);
        } finally {
            if (!written) {
                Files.deleteIfExists(partial);
            }
        }
        forceFolder(whole.getParent());
    }

    /// Replaces `target` with these bytes.
    public static void writeBytes(Path target, byte[] bytes) throws IOException {
        write(target, channel -> writeFully(channel, ByteBuffer.wrap(bytes)));
    }

    /// Replaces `target` with this text in UTF-8.
    public static void writeString(Path target, CharSequence text) throws IOException {
        writeBytes(target, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /// Writes until nothing remains in `bytes`; a channel may take less at a time.
    public static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /// Deletes what killed writers left in `folder`. Only for a folder in which nobody else is writing now.
    ///
    /// @return how many files went
    public static int sweep(Path folder) throws IOException {
        int deleted = 0;
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, ".*-*" + SUFFIX)) {
            for (Path path : left) {
                if (Files.isRegularFile(path)) {
                    Files.delete(path);
                    deleted++;
                }
            }
        }
        return deleted;
    }

    /// Forces the names in `folder` to the disk, so that a rename outlives a power cut. Platforms on which a
    /// folder cannot be opened order their renames by themselves.
    public static void forceFolder(Path folder) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(folder, StandardOpenOption.READ);
        } catch (IOException platformWithoutFolderHandles) {
            return;
        }
        try (channel) {
            channel.force(true);
        }
    }
}
