package org.lehr.kernels.memory;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

/// Dense float32 or float64 numbers, read and written as `double`: what the reference kernels compute on.
///
/// @param segment begins at the first number
/// @param wide float64 when true, float32 when false
public record Reals(MemorySegment segment, boolean wide) {

    /// The elements of a dense view, or null for null.
    public static Reals of(View view) {
        if (view == null) {
            return null;
        }
        if (view.dtype() != DType.FLOAT32 && view.dtype() != DType.FLOAT64) {
            throw new IllegalArgumentException("reals: expected float32 or float64, got " + view);
        }
        long bytes = view.size() * view.dtype().bytes();
        return new Reals(view.storage().segment().asSlice(view.byteOffset(), bytes), view.dtype() == DType.FLOAT64);
    }

    public double get(long index) {
        return wide ? segment.getAtIndex(JAVA_DOUBLE, index) : segment.getAtIndex(JAVA_FLOAT, index);
    }

    public void put(long index, double value) {
        if (wide) {
            segment.setAtIndex(JAVA_DOUBLE, index, value);
        } else {
            segment.setAtIndex(JAVA_FLOAT, index, (float) value);
        }
    }

    /// Numbers `[from, from + count)` of these.
    public Reals slice(long from, long count) {
        long bytes = wide ? 8 : 4;
        return new Reals(segment.asSlice(from * bytes, count * bytes), wide);
    }
}
