package org.lehr.engine.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;
import java.util.SequencedSet;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// A safetensors file, memory-mapped: opening reads the header only, and a tensor costs nothing until its pages
/// are touched.
///
/// A tensor whose elements lie aligned in the file and need no conversion is a read-only view into the mapping;
/// F16 becomes float32, I8, I16 and U16 become int32, U32 becomes int64, in memory of their own. The file must not
/// be shortened while it is open.
public final class SafetensorsFile implements TensorSource {

    private final Path file;
    private final Arena arena;
    private final MemorySegment data;
    private final SafetensorsHeader header;

    private SafetensorsFile(Path file, Arena arena, MemorySegment data, SafetensorsHeader header) {
        this.file = file;
        this.arena = arena;
        this.data = data;
        this.header = header;
    }

    /// Maps the file and checks its header.
    ///
    /// @throws FormatException when the header is not a valid one, or does not fit the file's size
    public static SafetensorsFile open(Path file) throws IOException {
        Arena arena = Arena.ofShared();
        boolean opened = false;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < Long.BYTES) {
                throw new FormatException(
                        file, "the file has " + size + " bytes: expected at least 8, the header's length");
            }
            MemorySegment whole = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
            long length = whole.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
            if (length < 0 || length > SafetensorsHeader.MAX_HEADER_BYTES) {
                throw new FormatException(
                        file,
                        "header of " + Long.toUnsignedString(length) + " bytes: expected at most "
                                + SafetensorsHeader.MAX_HEADER_BYTES);
            }
            long dataStart = Long.BYTES + length;
            if (dataStart > size) {
                throw new FormatException(
                        file,
                        "header of " + length + " bytes: expected at most " + (size - Long.BYTES)
                                + ", what the file holds; it may be truncated");
            }
            byte[] bytes = whole.asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
            SafetensorsHeader header = SafetensorsHeader.parse(file, bytes, size - dataStart);
            SafetensorsFile result = new SafetensorsFile(file, arena, whole.asSlice(dataStart), header);
            opened = true;
            return result;
        } finally {
            if (!opened) {
                arena.close();
            }
        }
    }

    @Override
    public SequencedSet<String> names() {
        return Collections.unmodifiableSequencedSet(header.entries().sequencedKeySet());
    }

    @Override
    public TensorInfo info(String name) {
        return entry(name).info();
    }

    @Override
    public View view(String name) throws IOException {
        SafetensorsHeader.Entry entry = entry(name);
        ElementType type = entry.type();
        MemorySegment bytes = data.asSlice(entry.begin(), entry.end() - entry.begin());
        try {
            if (type.isNative(ByteOrder.LITTLE_ENDIAN) && bytes.address() % type.bytes() == 0) {
                if (type == ElementType.BOOL) {
                    ElementType.checkBooleans(bytes, 0, 0, bytes.byteSize());
                }
                return View.rowMajor(
                        Storage.of(bytes, owner(name)),
                        type.memory(),
                        entry.shape().clone());
            }
            long count = bytes.byteSize() / type.bytes();
            Storage storage = Pool.host().allocate(count * type.memory().bytes(), owner(name));
            type.decode(bytes, 0, ByteOrder.LITTLE_ENDIAN, storage.segment(), 0, count);
            return View.rowMajor(storage, type.memory(), entry.shape().clone());
        } catch (ElementType.BadElement e) {
            throw new FormatException(file, "tensor \"" + name + "\": " + e.getMessage(), e);
        }
    }

    @Override
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /// Unmaps the file. Views into it refuse every access from then on.
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private String owner(String name) {
        return file.getFileName() + ":" + name;
    }

    private SafetensorsHeader.Entry entry(String name) {
        SafetensorsHeader.Entry entry = header.entries().get(name);
        if (entry == null) {
            throw new IllegalArgumentException(file + ": no tensor named \"" + name + "\" among "
                    + header.entries().size() + " tensors");
        }
        return entry;
    }
}
