package org.lehr.kernels.indexing;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.DType;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;

/// `target[at + i] += values[from + i]` for `i` in `[0, count)`; places are counted in elements.
public final class Addition {

    private Addition() {}

    /// @throws IllegalArgumentException unless `dtype` is float32, float64, int64 or int32
    static void check(String operation, DType dtype) {
        switch (dtype) {
            case FLOAT32, FLOAT64, INT64, INT32 -> {}
            case BFLOAT16, UINT8, BOOL ->
                throw new IllegalArgumentException(operation + ": cannot add elements of " + dtype);
        }
    }

    /// float32, float64, int64, int32.
    public static void add(DType dtype, MemorySegment target, long at, MemorySegment values, long from, long count) {
        boolean vectors = dtype == DType.FLOAT32 && Lanes.available();
        for (long i = vectors ? Simd.add(target, at, values, from, count) : 0; i < count; i++) {
            addOne(dtype, target, at + i, values, from + i);
        }
    }

    /// `target[at + i] = 0 + values[from + i]`: as added to zeros, so that −0 becomes 0.
    static void store(DType dtype, MemorySegment target, long at, MemorySegment values, long from, long count) {
        if (dtype == DType.FLOAT32 && Lanes.available()) {
            long i = Simd.store(target, at, values, from, count);
            for (; i < count; i++) {
                target.setAtIndex(JAVA_FLOAT, at + i, 0f + values.getAtIndex(JAVA_FLOAT, from + i));
            }
        } else {
            int bytes = dtype.bytes();
            target.asSlice(at * bytes, count * bytes).fill((byte) 0);
            add(dtype, target, at, values, from, count);
        }
    }

    static void addOne(DType dtype, MemorySegment target, long at, MemorySegment values, long from) {
        if (dtype == DType.FLOAT32) {
            float sum = target.getAtIndex(JAVA_FLOAT, at) + values.getAtIndex(JAVA_FLOAT, from);
            target.setAtIndex(JAVA_FLOAT, at, sum);
        } else if (dtype == DType.FLOAT64) {
            double sum = target.getAtIndex(JAVA_DOUBLE, at) + values.getAtIndex(JAVA_DOUBLE, from);
            target.setAtIndex(JAVA_DOUBLE, at, sum);
        } else if (dtype == DType.INT64) {
            target.setAtIndex(JAVA_LONG, at, target.getAtIndex(JAVA_LONG, at) + values.getAtIndex(JAVA_LONG, from));
        } else {
            target.setAtIndex(JAVA_INT, at, target.getAtIndex(JAVA_INT, at) + values.getAtIndex(JAVA_INT, from));
        }
    }

    private static final class Simd {
        private static final int LANES = Species.F32.length();
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();

        static long add(MemorySegment target, long at, MemorySegment values, long from, long count) {
            MemorySegment sum = NativeMemory.of(target);
            MemorySegment more = NativeMemory.of(values);
            long i = 0;
            for (; i <= count - LANES; i += LANES) {
                FloatVector.fromMemorySegment(Species.F32, sum, 4 * (at + i), ORDER)
                        .add(FloatVector.fromMemorySegment(Species.F32, more, 4 * (from + i), ORDER))
                        .intoMemorySegment(sum, 4 * (at + i), ORDER);
            }
            return i;
        }

        static long store(MemorySegment target, long at, MemorySegment values, long from, long count) {
            MemorySegment to = NativeMemory.of(target);
            MemorySegment source = NativeMemory.of(values);
            long i = 0;
            for (; i <= count - LANES; i += LANES) {
                FloatVector.fromMemorySegment(Species.F32, source, 4 * (from + i), ORDER)
                        .add(0)
                        .intoMemorySegment(to, 4 * (at + i), ORDER);
            }
            return i;
        }
    }
}
