package org.lehr.kernels.convolution;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.DType;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// What the filters see of one image in some rows of the result: the matrix `[channels·kh·kw, places]` in
/// which column `p` holds the elements under the filter at place `p`.
///
/// The image is first copied with its padding, so that every element of the matrix is somewhere in memory, at
/// the sum of a place of the filter and a place of the result. With a stride of 1, neighbouring places are
/// neighbours in memory.
final class Patches implements AutoCloseable {

    /// Bytes that [#copy] may write, and read, beyond the last element.
    static final int SLACK = 128;

    private final Window window;
    private final int bytes;
    private final int firstRow;
    private final int height;
    private final int width;
    private final Storage storage;
    private final MemorySegment padded;
    private final int[] taps;
    private int[] runs = new int[3 * 64];
    private boolean cleared;

    /// @param from first row of the result
    /// @param rows how many rows of the result
    Patches(Window window, DType dtype, int from, int rows) {
        this.window = window;
        this.bytes = dtype.bytes();
        this.firstRow = from * window.strideY() - window.paddingY();
        this.height = (rows - 1) * window.strideY() + (window.kh() - 1) * window.dilationY() + 1;
        this.width = (window.columns() - 1) * window.strideX() + (window.kw() - 1) * window.dilationX() + 1;
        int elements = Math.multiplyExact(window.channels(), Math.multiplyExact(height, width));
        this.storage = Pool.host().allocate((long) elements * bytes + SLACK, "convolution: padded image");
        this.padded = storage.segment();
        this.taps = new int[window.depth()];
        int k = 0;
        for (int c = 0; c < window.channels(); c++) {
            for (int a = 0; a < window.kh(); a++) {
                for (int b = 0; b < window.kw(); b++) {
                    taps[k++] = (c * height + a * window.dilationY()) * width + b * window.dilationX();
                }
            }
        }
    }

    /// Takes the planes `[channels, h, w]` that begin at element `offset`. What is padding stays so from one image
    /// to the next.
    void load(MemorySegment image, long offset) {
        if (!cleared) {
            padded.fill((byte) 0);
            cleared = true;
        }
        int left = window.paddingX();
        int end = Math.min(width, left + window.w());
        if (end <= left) {
            return;
        }
        int first = Math.max(0, firstRow);
        int count = Math.min(window.h(), firstRow + height) - first;
        for (int c = 0; c < window.channels(); c++) {
            long from = offset + ((long) c * window.h() + first) * window.w();
            long to = ((long) c * height + first - firstRow) * width + left;
            copyRows(image, from * bytes, to * bytes, (end - left) * bytes, count);
        }
    }

    private void copyRows(MemorySegment image, long from, long to, int length, int count) {
        if (Lanes.available() && length >= Simd.WIDE) {
            Simd.copy(image, from, window.w() * bytes, padded, to, width * bytes, length, count);
            return;
        }
        for (int r = 0; r < count; r++) {
            long source = from + (long) r * window.w() * bytes;
            MemorySegment.copy(image, source, padded, to + (long) r * width * bytes, length);
        }
    }

    /// Copies rows `[k, k + count)` of columns `[p, p + n)` of the matrix to the beginning of `to`, in rows
    /// of `stride` elements. What stands between the rows, and [#SLACK] bytes at the end, may be overwritten.
    void copy(int k, int count, int p, int n, int stride, MemorySegment to) {
        int pieces = cut(p, n);
        boolean vectors = Lanes.available() && window.strideX() == 1;
        if (vectors && pieces == 1 && (long) n * bytes == 2L * Lanes.bits() / Byte.SIZE) {
            Simd.pairs(padded, taps, k, count, runs[0], bytes, stride, to);
        } else if (vectors) {
            Simd.runs(padded, taps, k, count, runs, pieces, bytes, stride, to);
        } else {
            elements(k, count, pieces, stride, to);
        }
    }

    MemorySegment segment() {
        return padded;
    }

    /// Where each row of the matrix begins, in bytes.
    int[] byteTaps() {
        int[] places = new int[taps.length];
        for (int k = 0; k < places.length; k++) {
            places[k] = Math.multiplyExact(taps[k], bytes);
        }
        return places;
    }

    /// Where the first element under the filter is at each place of the result, in bytes.
    int[] bytePlaces() {
        int[] places = new int[window.places()];
        for (int p = 0; p < places.length; p++) {
            places[p] = Math.toIntExact(byteOffset(p / window.columns(), p % window.columns()));
        }
        return places;
    }

    /// Where the first element under the filter is at a place of the result, in bytes.
    long byteOffset(int row, int column) {
        return ((long) row * window.strideY() * width + (long) column * window.strideX()) * bytes;
    }

    /// Fills [#runs] with triples of source, target and length for columns `[p, p + n)`; tells how many.
    private int cut(int p, int n) {
        int columns = window.columns();
        int pieces = 0;
        for (int done = 0; done < n; pieces++) {
            int y = (p + done) / columns;
            int x = (p + done) % columns;
            int length = Math.min(n - done, columns - x);
            if (3 * pieces == runs.length) {
                runs = java.util.Arrays.copyOf(runs, 2 * runs.length);
            }
            runs[3 * pieces] = y * window.strideY() * width + x * window.strideX();
            runs[3 * pieces + 1] = done;
            runs[3 * pieces + 2] = length;
            done += length;
        }
        return pieces;
    }

    private void elements(int k, int count, int pieces, int stride, MemorySegment to) {
        for (int i = 0; i < count; i++) {
            for (int r = 0; r < pieces; r++) {
                long from = taps[k + i] + runs[3 * r];
                long target = (long) i * stride + runs[3 * r + 1];
                int length = runs[3 * r + 2];
                int step = window.strideX();
                if (bytes == Float.BYTES) {
                    for (int j = 0; j < length; j++) {
                        to.setAtIndex(
                                ValueLayout.JAVA_INT,
                                target + j,
                                padded.getAtIndex(ValueLayout.JAVA_INT, from + (long) j * step));
                    }
                } else {
                    for (int j = 0; j < length; j++) {
                        to.setAtIndex(
                                ValueLayout.JAVA_LONG,
                                target + j,
                                padded.getAtIndex(ValueLayout.JAVA_LONG, from + (long) j * step));
                    }
                }
            }
        }
    }

    @Override
    public void close() {
        storage.release();
    }

    /// Vectors as 64, 32 or 16 bytes of anything.
    private static final class Simd {

        private static final VectorSpecies<Float> F32 = Species.F32;
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();
        private static final int WIDE = F32.vectorByteSize();

        /// `count` rows of at least a vector; the last one of a row may overlap the one before.
        static void copy(
                MemorySegment source,
                long at,
                long atStep,
                MemorySegment target,
                long next,
                long nextStep,
                int length,
                int count) {
            MemorySegment from = NativeMemory.of(source);
            MemorySegment to = NativeMemory.of(target);
            for (int r = 0; r < count; r++) {
                long p = at + r * atStep;
                long q = next + r * nextStep;
                for (int i = 0; i < length - WIDE; i += WIDE) {
                    FloatVector.fromMemorySegment(F32, from, p + i, ORDER).intoMemorySegment(to, q + i, ORDER);
                }
                int last = length - WIDE;
                FloatVector.fromMemorySegment(F32, from, p + last, ORDER).intoMemorySegment(to, q + last, ORDER);
            }
        }

        /// Two vectors of each row.
        static void pairs(
                MemorySegment source,
                int[] taps,
                int k,
                int count,
                int place,
                int bytes,
                int stride,
                MemorySegment target) {
            MemorySegment from = NativeMemory.of(source);
            MemorySegment to = NativeMemory.of(target);
            for (int i = 0; i < count; i++) {
                long at = (long) (taps[k + i] + place) * bytes;
                long next = (long) i * stride * bytes;
                FloatVector.fromMemorySegment(F32, from, at, ORDER).intoMemorySegment(to, next, ORDER);
                FloatVector.fromMemorySegment(F32, from, at + WIDE, ORDER).intoMemorySegment(to, next + WIDE, ORDER);
            }
        }

        static void runs(
                MemorySegment source,
                int[] taps,
                int k,
                int count,
                int[] runs,
                int pieces,
                int bytes,
                int stride,
                MemorySegment target) {
            MemorySegment from = NativeMemory.of(source);
            MemorySegment to = NativeMemory.of(target);
            for (int i = 0; i < count; i++) {
                for (int r = 0; r < 3 * pieces; r += 3) {
                    long at = (long) (taps[k + i] + runs[r]) * bytes;
                    long next = ((long) i * stride + runs[r + 1]) * bytes;
                    int length = runs[r + 2] * bytes;
                    for (int j = 0; j < length; j += WIDE) {
                        FloatVector.fromMemorySegment(F32, from, at + j, ORDER).intoMemorySegment(to, next + j, ORDER);
                    }
                }
            }
        }
    }
}
