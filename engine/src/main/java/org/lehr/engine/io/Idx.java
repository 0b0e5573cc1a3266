package org.lehr.engine.io;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

/// The IDX format of the MNIST files: `0 0 TYPE RANK`, one big-endian 32-bit extent per dimension, the elements,
/// big-endian. Compressed by gzip or not, told by the content and not by the name.
public final class Idx {

    /// Deflate cannot make more of a byte than this.
    private static final long MAX_INFLATION = 1040;

    private Idx() {}

    /// Reads the array of `file`: unsigned bytes stay uint8; signed bytes and shorts become int32.
    ///
    /// @throws FormatException when the file is not one whole IDX array
    public static View read(Path file) throws IOException {
        long size = Files.size(file);
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file))) {
            raw.mark(2);
            boolean compressed = raw.read() == 0x1f && raw.read() == 0x8b;
            raw.reset();
            if (!compressed) {
                return read(file, raw, size);
            }
            try (InputStream in = new BufferedInputStream(new GZIPInputStream(raw))) {
                return read(file, in, Math.multiplyExact(size, MAX_INFLATION));
            }
        } catch (EOFException e) {
            throw new FormatException(file, "compressed data end early: expected a whole gzip file", e);
        } catch (ZipException e) {
            throw new FormatException(file, "damaged compression: " + e.getMessage(), e);
        }
    }

    private static View read(Path file, InputStream in, long limit) throws IOException {
        byte[] magic = in.readNBytes(4);
        if (magic.length < 4 || magic[0] != 0 || magic[1] != 0) {
            throw new FormatException(
                    file, "begins with " + Arrays.toString(magic) + ": expected the IDX magic 0 0 TYPE RANK");
        }
        ElementType type = type(file, magic[2]);
        int rank = magic[3] & 0xFF;
        byte[] extents = in.readNBytes(4 * rank);
        if (extents.length < 4 * rank) {
            throw new FormatException(
                    file, "header ends after " + (4 + extents.length) + " bytes: expected " + (4 + 4 * rank));
        }
        ByteBuffer numbers = ByteBuffer.wrap(extents).order(ByteOrder.BIG_ENDIAN);
        long[] shape = new long[rank];
        for (int d = 0; d < rank; d++) {
            shape[d] = Integer.toUnsignedLong(numbers.getInt());
        }
        long bytes = Extents.bytes(shape, type.bytes());
        if (bytes < 0 || bytes > limit) {
            throw new FormatException(
                    file,
                    "shape " + Arrays.toString(shape) + ": expected at most the " + limit
                            + " bytes that the file can hold; it may be truncated");
        }
        Storage storage = ElementStream.read(file, in, type, ByteOrder.BIG_ENDIAN, bytes / type.bytes());
        ElementStream.expectEnd(file, in);
        return View.rowMajor(storage, type.memory(), shape);
    }

    private static ElementType type(Path file, byte code) throws FormatException {
        return switch (code) {
            case 0x08 -> ElementType.U8;
            case 0x09 -> ElementType.I8;
            case 0x0B -> ElementType.I16;
            case 0x0C -> ElementType.I32;
            case 0x0D -> ElementType.F32;
            case 0x0E -> ElementType.F64;
            default ->
                throw new FormatException(
                        file, String.format(Locale.ROOT, "type 0x%02x: expected one of 08 09 0b 0c 0d 0e", code));
        };
    }
}
