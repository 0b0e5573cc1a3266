package org.lehr.engine.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

/// Writes the elements of a view in row-major order, little endian, whatever its strides.
final class RowMajorBytes {

    /// Elements that are gathered before they are written.
    private static final int CHUNK = 1 << 16;

    private static final long MAX_SLICE = 1 << 26;

    private RowMajorBytes() {}

    /// Writes all elements of `view` in their own type.
    static void write(View view, WritableByteChannel channel) throws IOException {
        // Pooled memory goes back once its storage is unreachable: the fences hold it to the last byte.
        boolean sameBytes = view.dtype().bytes() == 1 || ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        if (view.isContiguous() && sameBytes) {
            writeInPlace(view, channel);
        } else {
            gather(view, channel, false);
        }
        Reference.reachabilityFence(view);
    }

    /// Writes bfloat16 elements as float32, which is exact; for formats that know no bfloat16.
    static void writeWidened(View view, WritableByteChannel channel) throws IOException {
        gather(view, channel, true);
        Reference.reachabilityFence(view);
    }

    private static void writeInPlace(View view, WritableByteChannel channel) throws IOException {
        long end = view.byteOffset() + view.size() * view.dtype().bytes();
        MemorySegment segment = view.storage().segment();
        for (long at = view.byteOffset(); at < end; at += MAX_SLICE) {
            AtomicFiles.writeFully(
                    channel, segment.asSlice(at, Math.min(MAX_SLICE, end - at)).asByteBuffer());
        }
    }

    private static void gather(View view, WritableByteChannel channel, boolean widen) throws IOException {
        int bytes = view.dtype().bytes();
        MemorySegment source = view.storage().segment();
        ByteBuffer chunk =
                ByteBuffer.allocate(CHUNK * (widen ? Float.BYTES : bytes)).order(ByteOrder.LITTLE_ENDIAN);
        long[] index = new long[view.rank()];
        long at = view.offset();
        long size = view.size();
        for (long i = 0; i < size; i++) {
            put(source, at, view.dtype(), chunk, widen);
            if (!chunk.hasRemaining()) {
                AtomicFiles.writeFully(channel, chunk.flip());
                chunk.clear();
            }
            at = advance(view, index, at);
        }
        AtomicFiles.writeFully(channel, chunk.flip());
    }

    private static void put(MemorySegment source, long at, DType dtype, ByteBuffer chunk, boolean widen) {
        switch (dtype) {
            case FLOAT64, INT64 -> chunk.putLong(source.get(ValueLayout.JAVA_LONG_UNALIGNED, at * 8));
            case FLOAT32, INT32 -> chunk.putInt(source.get(ValueLayout.JAVA_INT_UNALIGNED, at * 4));
            case BFLOAT16 -> {
                short bits = source.get(ValueLayout.JAVA_SHORT_UNALIGNED, at * 2);
                if (widen) {
                    chunk.putInt(bits << 16);
                } else {
                    chunk.putShort(bits);
                }
            }
            case UINT8, BOOL -> chunk.put(source.get(ValueLayout.JAVA_BYTE, at));
        }
    }

    /// Steps `index` to the next element in row-major order and returns its place.
    private static long advance(View view, long[] index, long at) {
        for (int d = index.length - 1; d >= 0; d--) {
            at += view.strides()[d];
            if (++index[d] < view.shape()[d]) {
                return at;
            }
            at -= view.strides()[d] * view.shape()[d];
            index[d] = 0;
        }
        return at;
    }
}
