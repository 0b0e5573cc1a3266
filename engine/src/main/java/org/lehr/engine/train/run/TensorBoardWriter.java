package org.lehr.engine.train.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.lehr.engine.io.AtomicFiles;

/// Writes TensorBoard's event files: scalars and texts.
///
/// A file is a sequence of TFRecords, `length (8 bytes), masked CRC-32C of it (4), event, masked CRC-32C of it (4)`,
/// all
/// little endian; an event is a protocol buffer ([TensorBoardEvent]). Every event goes to the operating system at
/// once, so a killed process loses none. A resumed run writes a further file, which begins with a mark that makes
/// TensorBoard forget what the killed process wrote beyond the checkpoint.
public final class TensorBoardWriter implements AutoCloseable {

    /// Added to the rotated checksum, so that checksums of data that hold checksums stay useful.
    private static final int MASK_DELTA = 0xa282ead8;

    private final InstantSource clock;
    private final FileChannel channel;

    private TensorBoardWriter(InstantSource clock, FileChannel channel) {
        this.clock = clock;
        this.channel = channel;
    }

    /// Opens a new event file in `folder`.
    public static TensorBoardWriter open(Path folder) throws IOException {
        return open(folder, InstantSource.system());
    }

    /// Opens a new event file in `folder` for a run that goes on after `step`.
    public static TensorBoardWriter resume(Path folder, long step) throws IOException {
        return resume(folder, step, InstantSource.system());
    }

    static TensorBoardWriter open(Path folder, InstantSource clock) throws IOException {
        TensorBoardWriter writer = new TensorBoardWriter(clock, newFile(folder, clock.instant()));
        writer.write(TensorBoardEvent.version(writer.now()));
        return writer;
    }

    static TensorBoardWriter resume(Path folder, long step, InstantSource clock) throws IOException {
        TensorBoardWriter writer = open(folder, clock);
        writer.write(TensorBoardEvent.restart(writer.now(), step + 1));
        return writer;
    }

    /// TensorBoard reads the files of a folder in the order of their names: seconds first, then the number of the
    /// file within that second.
    private static FileChannel newFile(Path folder, Instant now) throws IOException {
        for (int number = 0; ; number++) {
            String name =
                    String.format(Locale.ROOT, "events.out.tfevents.%010d.lehr.%03d", now.getEpochSecond(), number);
            try {
                return FileChannel.open(folder.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            } catch (FileAlreadyExistsException taken) {
                continue;
            }
        }
    }

    /// One point of the curve `tag`. A slash in a tag groups curves: `loss/train`, `loss/validation`.
    public void scalar(long step, String tag, double value) throws IOException {
        write(TensorBoardEvent.scalar(now(), step, tag, (float) value));
    }

    /// A text, shown as Markdown.
    public void text(long step, String tag, String text) throws IOException {
        write(TensorBoardEvent.text(now(), step, tag, text));
    }

    /// Forces what was written to the disk.
    public void force() throws IOException {
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private double now() {
        Instant now = clock.instant();
        return now.getEpochSecond() + now.getNano() / 1e9;
    }

    private void write(byte[] event) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(16 + event.length).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(event.length);
        record.putInt(maskedChecksum(record.array(), 0, 8));
        record.put(event);
        record.putInt(maskedChecksum(event, 0, event.length));
        AtomicFiles.writeFully(channel, record.flip());
    }

    static int maskedChecksum(byte[] bytes, int from, int count) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, from, count);
        return Integer.rotateRight((int) checksum.getValue(), 15) + MASK_DELTA;
    }
}
