package org.lehr.kernels.convert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.parallel.Workers;

/// Copies between views whose innermost dimensions differ, such as a matrix and its transpose, tile by tile.
///
/// A tile of 16 by 16 elements of 4 bytes reads 16 cache lines and writes 16; row by row, each line read would give one
/// element before it leaves the cache.
final class TiledCopy {

    private static final ValueLayout.OfLong PAIR = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int TILE = 16;
    private static final long BAND = 512;
    private static final long CHUNK = 64;
    private static final long SMALLEST = 8;

    private TiledCopy() {}

    /// The dimension in which the second view of `nest` is dense while the first is dense in the innermost, or −1
    /// when
    /// tiles do not apply.
    static int dimension(Nest nest) {
        int inner = nest.rank() - 1;
        if (nest.innerStride(0) != 1 || nest.innerStride(1) <= 1 || nest.inner() < SMALLEST) {
            return -1;
        }
        for (int d = inner - 1; d >= 0; d--) {
            if (nest.stride(1, d) == 1 && nest.extent(d) >= SMALLEST) {
                return d;
            }
        }
        return -1;
    }

    /// Copies view 1 of `nest` to view 0, dense along dimension `across` there and along the innermost here.
    ///
    /// A piece of work is a block of 512 by 64: it reads 64 runs of 2 KiB, which the memory delivers ahead of time.
    static void run(
            Nest nest, int across, int bytes, MemorySegment dst, long dstStart, MemorySegment src, long srcStart) {
        long bands = (nest.extent(across) + BAND - 1) / BAND;
        long chunks = (nest.inner() + CHUNK - 1) / CHUNK;
        long outer = nest.size() / nest.extent(across) / nest.inner();
        long toStep = nest.stride(0, across) * bytes;
        long fromStep = nest.innerStride(1) * bytes;
        Workers.current().forRange(outer * bands * chunks, 1, (piece, end) -> {
            for (long at = piece; at < end; at++) {
                long column = at % chunks * CHUNK;
                long row = at / chunks % bands * BAND;
                long to = row * nest.stride(0, across) + column;
                long from = row + column * nest.innerStride(1);
                long rest = at / chunks / bands;
                for (int d = nest.rank() - 2; d >= 0; d--) {
                    if (d != across) {
                        long index = rest % nest.extent(d);
                        rest /= nest.extent(d);
                        to += index * nest.stride(0, d);
                        from += index * nest.stride(1, d);
                    }
                }
                int rows = (int) Math.min(BAND, nest.extent(across) - row);
                int columns = (int) Math.min(CHUNK, nest.inner() - column);
                long toPlace = dstStart + to * bytes;
                long fromPlace = srcStart + from * bytes;
                for (int r = 0; r < rows; r += TILE) {
                    for (int c = 0; c < columns; c += TILE) {
                        long tileFrom = fromPlace + (long) r * bytes + c * fromStep;
                        long tileTo = toPlace + r * toStep + (long) c * bytes;
                        int height = Math.min(TILE, rows - r);
                        int width = Math.min(TILE, columns - c);
                        tile(bytes, src, tileFrom, fromStep, dst, tileTo, toStep, height, width);
                    }
                }
            }
        });
    }

    /// Element `(r, c)` from `src[from + c·fromStep + r·bytes]` to `dst[to + r·toStep + c·bytes]`.
    private static void tile(
            int bytes,
            MemorySegment src,
            long from,
            long fromStep,
            MemorySegment dst,
            long to,
            long toStep,
            int rows,
            int columns) {
        int r = 0;
        if (bytes == 4 && columns % 2 == 0) {
            for (; r + 1 < rows; r += 2) {
                pairOfRows(src, from + 4L * r, fromStep, dst, to + r * toStep, toStep, columns);
            }
        }
        for (; r < rows; r++) {
            Strided.move(bytes, src, from + (long) r * bytes, fromStep, dst, to + r * toStep, bytes, columns);
        }
    }

    /// Two rows of 4-byte elements, 2 by 2 of them at a time as halves of two longs: half the memory accesses.
    /// The byte order is fixed because the halves only change places.
    private static void pairOfRows(
            MemorySegment in, long from, long fromStep, MemorySegment out, long to, long toStep, int columns) {
        MemorySegment src = NativeMemory.of(in);
        MemorySegment dst = NativeMemory.of(out);
        for (int c = 0; c < columns; c += 2) {
            long a = src.get(PAIR, from + c * fromStep);
            long b = src.get(PAIR, from + c * fromStep + fromStep);
            dst.set(PAIR, to + 4L * c, a & 0xffffffffL | b << 32);
            dst.set(PAIR, to + 4L * c + toStep, a >>> 32 | b & 0xffffffff00000000L);
        }
    }
}
