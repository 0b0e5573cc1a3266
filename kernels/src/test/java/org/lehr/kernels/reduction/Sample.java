package org.lehr.kernels.reduction;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// Views for tests, dense or scattered over a larger storage, and what they hold.
final class Sample {

    private Sample() {}

    /// A dense view holding `value(i)` at the row-major place `i`, rounded to the dtype.
    static View dense(DType dtype, IntToDoubleFunction value, long... shape) {
        return filled(View.rowMajor(allocate(dtype, size(shape)), dtype, shape), value);
    }

    /// The same with a random order of dimensions in memory, gaps between elements, and an offset.
    static View scattered(Random random, DType dtype, IntToDoubleFunction value, long... shape) {
        long[] strides = new long[shape.length];
        long step = 1 + random.nextInt(2);
        boolean[] placed = new boolean[shape.length];
        for (int i = 0; i < shape.length; i++) {
            int d = random.nextInt(shape.length);
            while (placed[d]) {
                d = (d + 1) % shape.length;
            }
            placed[d] = true;
            strides[d] = step;
            step *= Math.max(1, shape[d]);
            step += random.nextInt(3);
        }
        long offset = random.nextInt(5);
        return filled(new View(allocate(dtype, offset + step * 2), dtype, offset, shape, strides), value);
    }

    /// All elements in row-major order.
    static double[] values(View view) {
        double[] values = new double[Math.toIntExact(view.size())];
        MemorySegment segment = view.storage().segment();
        Walk walk = new Walk(view.shape(), view.strides());
        double[] one = new double[1];
        long[] whole = new long[1];
        for (int i = 0; i < values.length; i++) {
            if (view.dtype().isFloating()) {
                Elements.widen(segment, view.dtype(), view.offset() + walk.offset(), 1, one, 0, 1);
                values[i] = one[0];
            } else {
                Elements.widen(segment, view.dtype(), view.offset() + walk.offset(), 1, whole, 0, 1);
                values[i] = whole[0];
            }
            walk.next();
        }
        return values;
    }

    /// `shape` with the extents of `dimensions` set to 1.
    static long[] reduced(long[] shape, int... dimensions) {
        long[] result = shape.clone();
        for (int dimension : dimensions) {
            result[dimension] = 1;
        }
        return result;
    }

    private static View filled(View view, IntToDoubleFunction value) {
        MemorySegment segment = view.storage().segment();
        Walk walk = new Walk(view.shape(), view.strides());
        int size = Math.toIntExact(view.size());
        for (int i = 0; i < size; i++) {
            long place = view.offset() + walk.offset();
            if (view.dtype().isFloating()) {
                Elements.put(segment, view.dtype(), place, value.applyAsDouble(i));
            } else {
                Elements.put(segment, view.dtype(), place, (long) value.applyAsDouble(i));
            }
            walk.next();
        }
        return view;
    }

    private static Storage allocate(DType dtype, long elements) {
        return Pool.host().allocate(Math.max(1, elements) * dtype.bytes(), "test");
    }

    private static long size(long[] shape) {
        long size = 1;
        for (long extent : shape) {
            size *= extent;
        }
        return size;
    }
}
