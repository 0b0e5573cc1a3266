package org.lehr.engine.io;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

/// NumPy's format for one array. Read: versions 1.0 to 3.0, row-major or column-major, either byte order, floats
/// of 2, 4 and 8 bytes, signed integers of 1 to 8, unsigned ones of 1 to 4, booleans. float16 becomes float32, int8,
/// int16
/// and uint16 become int32, uint32 becomes int64. Object arrays are pickles, code that runs when loaded: refused.
public final class Npy {

    private Npy() {}

    /// Reads the array of `file`. A column-major array gives a view with column-major strides.
    ///
    /// @throws FormatException when the file is not one whole npy array of numbers
    public static View read(Path file) throws IOException {
        long size = Files.size(file);
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            return read(file, in, size);
        }
    }

    /// Reads an array that fills `in`, of at most `limit` bytes.
    static View read(Object file, InputStream in, long limit) throws IOException {
        NpyHeader header = NpyHeader.read(file, in);
        long bytes = header.dataBytes();
        if (bytes > limit) {
            throw new FormatException(
                    file,
                    "npy header: '" + header.descr() + "' " + Arrays.toString(header.shape()) + " takes " + bytes
                            + " bytes: expected at most " + limit + ", what the file holds; it may be truncated");
        }
        Storage storage = ElementStream.read(
                file, in, header.type(), header.order(), bytes / header.type().bytes());
        ElementStream.expectEnd(file, in);
        long[] shape = header.shape();
        return header.fortran()
                ? new View(storage, header.type().memory(), 0, shape, Extents.columnMajorStrides(shape))
                : View.rowMajor(storage, header.type().memory(), shape);
    }

    /// Replaces `file` by this array, row-major, whole or not at all (see [AtomicFiles]). NumPy knows no bfloat16:
    /// such an array is written as float32, which is exact.
    public static void write(Path file, View array) throws IOException {
        AtomicFiles.write(file, channel -> write(channel, array));
    }

    static void write(WritableByteChannel channel, View array) throws IOException {
        AtomicFiles.writeFully(channel, ByteBuffer.wrap(NpyHeader.write(array.dtype(), array.shape())));
        if (array.dtype() == DType.BFLOAT16) {
            RowMajorBytes.writeWidened(array, channel);
        } else {
            RowMajorBytes.write(array, channel);
        }
    }
}
