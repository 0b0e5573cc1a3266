package org.lehr.kernels.convert;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.lehr.kernels.parallel.Workers;

/// Copies between views whose innermost dimensions differ, such as a matrix and its transpose, tile by tile.
///
/// A tile of 16 by 16 elements of 4 bytes reads 16 cache lines and writes 16; row by row, each line read would give one
/// element before it leaves the cache.
final class TiledCopy {

    private static final ValueLayout.OfLong PAIR =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int TILE = 16;
    private static final long SMALLEST = 8;

    private TiledCopy() {}

    /// The dimension in which the second view of `nest` is dense while the first is dense in the innermost, or −1 when
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
    static void run(
            Nest nest, int across, int bytes, MemorySegment dst, long dstStart, MemorySegment src, long srcStart) {
        long strips = (nest.extent(across) + TILE - 1) / TILE;
        long outer = nest.size() / nest.extent(across) / nest.inner();
        long grain = Math.max(1, (1 << 15) / (TILE * nest.inner()));
        Workers.current().forRange(outer * strips, grain, (from, to) -> {
            for (long at = from; at < to; at++) {
                long first = at % strips * TILE;
                int rows = (int) Math.min(TILE, nest.extent(across) - first);
                long toPlace = first * nest.stride(0, across);
                long fromPlace = first;
                long rest = at / strips;
                for (int d = nest.rank() - 2; d >= 0; d--) {
                    if (d != across) {
                        long index = rest % nest.extent(d);
                        rest /= nest.extent(d);
                        toPlace += index * nest.stride(0, d);
                        fromPlace += index * nest.stride(1, d);
                    }
                }
                long toStep = nest.stride(0, across) * bytes;
                long fromStep = nest.innerStride(1) * bytes;
                for (long i = 0; i < nest.inner(); i += TILE) {
                    int columns = (int) Math.min(TILE, nest.inner() - i);
                    long tileFrom = srcStart + fromPlace * bytes + i * fromStep;
                    long tileTo = dstStart + (toPlace + i) * bytes;
                    tile(bytes, src, tileFrom, fromStep, dst, tileTo, toStep, rows, columns);
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
            MemorySegment src, long from, long fromStep, MemorySegment dst, long to, long toStep, int columns) {
        for (int c = 0; c < columns; c += 2) {
            long a = src.get(PAIR, from + c * fromStep);
            long b = src.get(PAIR, from + c * fromStep + fromStep);
            dst.set(PAIR, to + 4L * c, a & 0xffffffffL | b << 32);
            dst.set(PAIR, to + 4L * c + toStep, a >>> 32 | b & 0xffffffff00000000L);
        }
    }
}
