package org.lehr.engine.io;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.lehr.kernels.View;

/// NumPy's format for several named arrays: a zip archive with one `NAME.npy` each, stored or deflated. Every
/// [#view] reads its array anew into memory of its own.
public final class NpzFile implements TensorSource {

    /// Deflate cannot make more of a byte than this.
    private static final long MAX_INFLATION = 1040;

    /// Fixed, so that the same arrays give the same bytes; the earliest date that a zip archive can say.
    private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);

    private static final String EXTENSION = ".npy";

    private final Path file;
    private final ZipFile zip;
    private final SequencedMap<String, ZipEntry> entries;
    private final SequencedMap<String, TensorInfo> infos;

    private NpzFile(
            Path file, ZipFile zip, SequencedMap<String, ZipEntry> entries, SequencedMap<String, TensorInfo> infos) {
        this.file = file;
        this.zip = zip;
        this.entries = entries;
        this.infos = infos;
    }

    /// Opens the archive and checks the header of each array.
    ///
    /// @throws FormatException when it is no zip archive, or an entry is no array of numbers
    public static NpzFile open(Path file) throws IOException {
        ZipFile zip;
        try {
            zip = new ZipFile(file.toFile());
        } catch (ZipException e) {
            throw new FormatException(file, "expected a zip archive: " + e.getMessage(), e);
        }
        SequencedMap<String, ZipEntry> entries = new LinkedHashMap<>();
        SequencedMap<String, TensorInfo> infos = new LinkedHashMap<>();
        boolean opened = false;
        try {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                addEntry(file, zip, entry, entries, infos);
            }
            opened = true;
            return new NpzFile(file, zip, entries, infos);
        } finally {
            if (!opened) {
                zip.close();
            }
        }
    }

    private static void addEntry(
            Path file,
            ZipFile zip,
            ZipEntry entry,
            SequencedMap<String, ZipEntry> entries,
            SequencedMap<String, TensorInfo> infos)
            throws IOException {
        String place = file + ": entry \"" + entry.getName() + "\"";
        if (!entry.getName().endsWith(EXTENSION)) {
            throw new FormatException(place, "expected a name that ends in .npy");
        }
        String name = entry.getName().substring(0, entry.getName().length() - EXTENSION.length());
        if (entries.putIfAbsent(name, entry) != null) {
            throw new FormatException(place, "occurs twice: expected each name once");
        }
        try (InputStream in = zip.getInputStream(entry)) {
            NpyHeader header = NpyHeader.read(place, in);
            infos.put(
                    name,
                    new TensorInfo(name, header.descr(), header.type().memory(), header.shape(), header.dataBytes()));
        } catch (ZipException | EOFException e) {
            throw new FormatException(place, "damaged archive: " + e.getMessage(), e);
        }
    }

    @Override
    public SequencedSet<String> names() {
        return Collections.unmodifiableSequencedSet(entries.sequencedKeySet());
    }

    @Override
    public TensorInfo info(String name) {
        entry(name);
        return infos.get(name);
    }

    @Override
    public View view(String name) throws IOException {
        ZipEntry entry = entry(name);
        String place = file + ": entry \"" + entry.getName() + "\"";
        long limit = Math.min(entry.getSize(), entry.getCompressedSize() * MAX_INFLATION);
        CRC32 crc = new CRC32();
        try (InputStream in = new BufferedInputStream(new CheckedInputStream(zip.getInputStream(entry), crc))) {
            View view = Npy.read(place, in, limit);
            if (crc.getValue() != entry.getCrc()) {
                throw new FormatException(
                        place,
                        "damaged: checksum " + Long.toHexString(crc.getValue()) + ": expected "
                                + Long.toHexString(entry.getCrc()));
            }
            return view;
        } catch (ZipException | EOFException e) {
            throw new FormatException(place, "damaged archive: " + e.getMessage(), e);
        }
    }

    /// Always empty: the format has none.
    @Override
    public Map<String, String> metadata() {
        return Map.of();
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }

    private ZipEntry entry(String name) {
        ZipEntry entry = entries.get(name);
        if (entry == null) {
            throw new IllegalArgumentException(
                    file + ": no array named \"" + name + "\" among " + entries.sequencedKeySet());
        }
        return entry;
    }

    /// Replaces `file` by an archive of these arrays, stored without compression as `numpy.savez` does.
    public static void write(Path file, SequencedMap<String, View> arrays) throws IOException {
        AtomicFiles.write(file, channel -> write(channel, arrays, ZipEntry.STORED));
    }

    /// As [#write(Path, SequencedMap)], deflated as `numpy.savez_compressed` does.
    public static void writeCompressed(Path file, SequencedMap<String, View> arrays) throws IOException {
        AtomicFiles.write(file, channel -> write(channel, arrays, ZipEntry.DEFLATED));
    }

    private static void write(WritableByteChannel channel, SequencedMap<String, View> arrays, int method)
            throws IOException {
        ZipOutputStream zip = new ZipOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)));
        WritableByteChannel elements = Channels.newChannel(zip);
        for (Map.Entry<String, View> array : arrays.entrySet()) {
            ZipEntry entry = new ZipEntry(array.getKey() + EXTENSION);
            entry.setTimeLocal(EPOCH);
            entry.setMethod(method);
            if (method == ZipEntry.STORED) {
                Checksum checksum = new Checksum();
                Npy.write(checksum, array.getValue());
                entry.setSize(checksum.bytes);
                entry.setCrc(checksum.crc.getValue());
            }
            zip.putNextEntry(entry);
            Npy.write(elements, array.getValue());
            zip.closeEntry();
        }
        zip.finish();
        zip.flush();
    }

    /// A stored entry says its checksum and size before its bytes, so they are gone through twice.
    private static final class Checksum implements WritableByteChannel {
        private final CRC32 crc = new CRC32();
        private long bytes;

        @Override
        public int write(ByteBuffer source) {
            int count = source.remaining();
            bytes += count;
            crc.update(source);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // nothing is held open
        }
    }
}
