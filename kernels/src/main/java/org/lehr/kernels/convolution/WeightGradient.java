package org.lehr.kernels.convolution;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.indexing.Addition;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.matmul.Gemm;
import org.lehr.kernels.matmul.Matrix;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Reals;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// `dWeightᵀ = patches·dyᵀ`, summed over images: `[c·kh·kw, places]·[places, o] → [c·kh·kw, o]` in each
/// group.
///
/// The sum runs over places, so both factors are copied in steps of [#PLACES] of them: `dy` turned, in panels
/// that the product reads where they stand, and then the patches a few rows at a time, where they are not read from
/// the image itself ([PlaceProduct]). Images are cut into
/// groups of a number that depends on the batch alone; each has a sum of its own, and the sums are added in
/// order.
final class WeightGradient {

    /// Rows of the patches that are copied at a time: 200 kB at [#PLACES].
    private static final int ROWS = 96;

    /// Places that are summed over at a time.
    private static final int PLACES = 512;

    /// Sums over parts of the batch, at most.
    private static final int SUMS = 16;

    /// Bytes that these may take.
    private static final long MOST_BYTES = 64L << 20;

    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final long LOW = 0xffff_ffffL;

    private final Window window;
    private final View dWeight;
    private final View dy;
    private final View x;
    private final int groups;
    private final DType dtype;
    private final int outputs;
    private final int columns;
    private final int step;

    /// Elements of a row of a sum.
    private final int row;

    WeightGradient(View dWeight, View dy, View x, Window window, int groups) {
        this.dWeight = dWeight;
        this.dy = dy;
        this.x = x;
        this.window = window;
        this.groups = groups;
        this.dtype = dWeight.dtype();
        this.outputs = Math.toIntExact(dWeight.shape()[0] / groups);
        this.columns = Gemm.columns(dtype);
        this.step = Math.min(PLACES, Gemm.depth());
        this.row = Math.ceilDiv(outputs, columns) * columns;
    }

    void run() {
        int depth = window.depth();
        long batch = x.shape()[0];
        long bytes = (long) depth * row * dtype.bytes();
        int sums = (int) Math.clamp(MOST_BYTES / Math.max(1, bytes * groups), 1, Math.min(SUMS, batch));
        long some = Math.ceilDiv(batch, sums);
        int count = (int) Math.ceilDiv(batch, some);
        // With few sums, rows are shared out too; each piece then turns dy for itself.
        int height = count * groups < 8 ? ROWS : depth;
        int blocks = Math.ceilDiv(depth, height);
        Storage storage = Pool.host().allocate(bytes * count * groups, "convolution: sums");
        try {
            Workers.current().forRange((long) count * groups * blocks, 1, (from, to) -> {
                for (long piece = from; piece < to; piece++) {
                    int first = (int) (piece % blocks) * height;
                    long sum = piece / blocks;
                    int group = (int) (sum % groups);
                    long image = sum / groups * some;
                    MemorySegment out = storage.segment().asSlice(sum * bytes, bytes);
                    rows(out, group, image, Math.min(batch, image + some), first, Math.min(height, depth - first));
                }
            });
            collect(storage.segment(), count);
        } finally {
            storage.release();
        }
    }

    /// Rows `[first, first + rows)` of the sum over images `[from, to)` of one group.
    private void rows(MemorySegment out, int group, long from, long to, int first, int rows) {
        int bytes = dtype.bytes();
        int stride = step + 64 / bytes;
        List<Storage> scratch = new ArrayList<>();
        try (Patches patches = new Patches(window, dtype, 0, window.rows());
                PlaceProduct product = PlaceProduct.suits(dtype) ? new PlaceProduct(patches, columns) : null) {
            Storage right = taken((long) row * step * bytes, scratch);
            Storage left = product == null ? taken((long) ROWS * stride * bytes + Patches.SLACK, scratch) : null;
            boolean begun = false;
            for (long n = from; n < to; n++) {
                long image = n * groups + group;
                long plane = (long) window.h() * window.w();
                patches.load(x.storage().segment(), x.offset() + image * window.channels() * plane);
                for (int p = 0; p < window.places(); p += step) {
                    int length = Math.min(step, window.places() - p);
                    turn(image, p, length, right.segment());
                    for (int j = 0; j < row && product != null; j += columns) {
                        Matrix b = Matrix.rows(right.segment(), (long) j * step, columns);
                        Matrix c = Matrix.rows(out, (long) first * row + j, row);
                        product.run(first, rows, p, length, b, c, begun);
                    }
                    for (int i = first; i < first + rows && product == null; i += ROWS) {
                        int height = Math.min(ROWS, first + rows - i);
                        patches.copy(i, height, p, length, stride, left.segment());
                        Matrix a = Matrix.rows(left.segment(), 0, stride);
                        for (int j = 0; j < row; j += columns) {
                            Matrix b = Matrix.rows(right.segment(), (long) j * step, columns);
                            Matrix c = Matrix.rows(out, (long) i * row + j, row);
                            Gemm.serial(dtype, height, columns, length, 1, a, b, c, begun);
                        }
                    }
                    begun = true;
                }
            }
        } finally {
            scratch.forEach(Storage::release);
        }
    }

    private static Storage taken(long bytes, List<Storage> all) {
        Storage storage = Pool.host().allocate(bytes, "convolution: factors");
        all.add(storage);
        return storage;
    }

    /// `dy` of places `[p, p + length)` with its outputs side by side, in panels of the product's columns.
    /// Where outputs end within a panel, the rest of it is zero.
    private void turn(long image, int p, int length, MemorySegment to) {
        long begin = dy.offset() + image * outputs * window.places() + p;
        MemorySegment from = dy.storage().segment();
        for (int j = 0; j < row; j += columns) {
            int lines = Math.min(columns, outputs - j);
            long target = (long) j * step;
            if (lines < columns) {
                to.asSlice(target * dtype.bytes(), (long) length * columns * dtype.bytes())
                        .fill((byte) 0);
            }
            int done = 0;
            for (; dtype == DType.FLOAT32 && LITTLE && done < lines - 1; done += 2) {
                long line = begin + (long) (j + done) * window.places();
                pair(from, line, line + window.places(), length, to, target + done);
            }
            for (; done < lines; done++) {
                line(from, begin + (long) (j + done) * window.places(), length, to, target + done);
            }
        }
    }

    private void line(MemorySegment from, long begin, int length, MemorySegment to, long target) {
        for (int p = 0; p < length; p++) {
            if (dtype == DType.FLOAT32) {
                to.setAtIndex(
                        ValueLayout.JAVA_FLOAT,
                        target + (long) p * columns,
                        from.getAtIndex(ValueLayout.JAVA_FLOAT, begin + p));
            } else {
                to.setAtIndex(
                        ValueLayout.JAVA_DOUBLE,
                        target + (long) p * columns,
                        from.getAtIndex(ValueLayout.JAVA_DOUBLE, begin + p));
            }
        }
    }

    /// Two lines of float32 at once, in blocks of 2 by 2 that are turned in two registers.
    private void pair(MemorySegment source, long first, long second, int length, MemorySegment target, long place) {
        MemorySegment from = NativeMemory.of(source);
        MemorySegment to = NativeMemory.of(target);
        long stride = (long) columns * Float.BYTES;
        int p = 0;
        for (; p < length - 1; p += 2) {
            long one = from.get(ValueLayout.JAVA_LONG_UNALIGNED, (first + p) * Float.BYTES);
            long other = from.get(ValueLayout.JAVA_LONG_UNALIGNED, (second + p) * Float.BYTES);
            long at = place * Float.BYTES + p * stride;
            to.set(ValueLayout.JAVA_LONG_UNALIGNED, at, one & LOW | other << 32);
            to.set(ValueLayout.JAVA_LONG_UNALIGNED, at + stride, one >>> 32 | other & ~LOW);
        }
        if (p < length) {
            line(source, first + p, 1, target, place + (long) p * columns);
            line(source, second + p, 1, target, place + (long) p * columns + 1);
        }
    }

    /// Adds the sums in order and turns them into `dWeight [groups·o, c·kh·kw]`.
    private void collect(MemorySegment sums, int count) {
        int depth = window.depth();
        Reals parts = new Reals(sums, dtype == DType.FLOAT64);
        Reals result = Reals.of(dWeight);
        Workers.current().forRange((long) groups * depth, Math.max(1, (1 << 14) / row), (from, to) -> {
            for (long r = from; r < to; r++) {
                long group = r / depth;
                long k = r % depth;
                long first = (group * depth + k) * row;
                for (int s = 1; s < count; s++) {
                    Addition.add(dtype, sums, first, sums, first + (long) s * groups * depth * row, outputs);
                }
                for (int o = 0; o < outputs; o++) {
                    result.put((group * outputs + o) * depth + k, parts.get(first + o));
                }
            }
        });
    }
}
