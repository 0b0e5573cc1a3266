package org.lehr.kernels.convolution;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.matmul.Matrix;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// Filters as the left matrix of a product, `[groups·count, depth]`, copied so that their rows begin cache
/// lines.
///
/// @param count filters of one group
/// @param depth elements of a filter
/// @param row elements from one filter to the next
record Filters(DType dtype, int groups, int count, int depth, int row, Storage storage) implements AutoCloseable {

    private static Filters empty(DType dtype, int groups, int count, int depth) {
        int row = rowOf(depth + 1, dtype);
        long elements = Math.multiplyExact((long) groups * count, (long) row);
        Storage storage = Pool.host().allocate(elements * dtype.bytes(), "convolution: filters");
        storage.segment().fill((byte) 0);
        return new Filters(dtype, groups, count, depth, row, storage);
    }

    /// Elements of a row with its gap: whole cache lines, and not so many that rows share few sets of the
    /// cache.
    static int rowOf(int depth, DType dtype) {
        int line = 64 / dtype.bytes();
        int row = Math.ceilDiv(depth, line) * line;
        return row % (1024 / dtype.bytes()) == 0 ? row + line : row;
    }

    /// `weight [groups·count, c, kh, kw]` as it is; a bias becomes a last element, to be multiplied by 1.
    /// There is room for one in any case, which is 0 where there is none.
    static Filters plain(View weight, View bias, int groups) {
        int total = Math.toIntExact(weight.shape()[0]);
        int length = Math.toIntExact(weight.size() / Math.max(total, 1));
        Filters filters = empty(weight.dtype(), groups, total / groups, bias == null ? length : length + 1);
        int bytes = weight.dtype().bytes();
        MemorySegment to = filters.storage.segment();
        for (int o = 0; o < total; o++) {
            long target = (long) o * filters.row * bytes;
            long source = weight.byteOffset() + (long) o * length * bytes;
            MemorySegment.copy(weight.storage().segment(), source, to, target, (long) length * bytes);
            if (bias != null) {
                long one = bias.byteOffset() + (long) o * bytes;
                MemorySegment.copy(bias.storage().segment(), one, to, target + (long) length * bytes, bytes);
            }
        }
        return filters;
    }

    /// The filters that lead back: for each input channel one over all outputs of its group, turned by half a
    /// circle.
    static Filters turned(View weight, int groups) {
        int outputs = Math.toIntExact(weight.shape()[0] / groups);
        int inputs = Math.toIntExact(weight.shape()[1]);
        int taps = Math.toIntExact(weight.shape()[2] * weight.shape()[3]);
        Filters filters = empty(weight.dtype(), groups, inputs, outputs * taps);
        for (int o = 0; o < groups * outputs; o++) {
            for (int c = 0; c < inputs; c++) {
                for (int t = 0; t < taps; t++) {
                    long from = weight.offset() + ((long) o * inputs + c) * taps + t;
                    long row = (long) o / outputs * inputs + c;
                    long column = (long) o % outputs * taps + taps - 1 - t;
                    filters.put(row * filters.row + column, weight.storage().segment(), from);
                }
            }
        }
        return filters;
    }

    private void put(long place, MemorySegment from, long index) {
        if (dtype == DType.FLOAT32) {
            storage.segment().setAtIndex(ValueLayout.JAVA_FLOAT, place, from.getAtIndex(ValueLayout.JAVA_FLOAT, index));
        } else {
            storage.segment()
                    .setAtIndex(ValueLayout.JAVA_DOUBLE, place, from.getAtIndex(ValueLayout.JAVA_DOUBLE, index));
        }
    }

    /// The filters of one group.
    Matrix matrix(int group) {
        return Matrix.rows(storage.segment(), (long) group * count * row, row);
    }

    @Override
    public void close() {
        storage.release();
    }
}
