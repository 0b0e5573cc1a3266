package org.lehr.kernels.indexing;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.parallel.Workers;

/// Dense int64 or int32 indices.
///
/// @param segment begins at the first index
/// @param wide int64 when true, int32 when false
/// @param count how many
public record Indices(MemorySegment segment, boolean wide, long count) {

    private static final long PIECE = 1 << 14;

    /// The elements of a dense view.
    public static Indices of(String operation, View view) {
        if (view.dtype() != DType.INT64 && view.dtype() != DType.INT32) {
            throw new IllegalArgumentException(operation + ": indices must be int64 or int32, got " + view);
        }
        if (!view.isContiguous()) {
            throw new IllegalArgumentException(operation + ": indices must be dense, got strides "
                    + Arrays.toString(view.strides()) + " of " + view);
        }
        long count = view.size();
        MemorySegment segment = view.storage()
                .segment()
                .asSlice(view.byteOffset(), count * view.dtype().bytes());
        return new Indices(segment, view.dtype() == DType.INT64, count);
    }

    public long at(long position) {
        return wide ? segment.getAtIndex(JAVA_LONG, position) : segment.getAtIndex(JAVA_INT, position);
    }

    /// Indices `[from, from + length)` of these.
    public Indices slice(long from, long length) {
        int bytes = wide ? 8 : 4;
        return new Indices(segment.asSlice(from * bytes, length * bytes), wide, length);
    }

    /// Checks that all are in `[0, limit)`.
    ///
    /// @throws IndexOutOfBoundsException for the first that is not
    public void check(String operation, long limit) {
        check(operation, limit, null);
    }

    /// Checks that all are in `[0, limit)` or are `exempt` (when that is not null).
    ///
    /// @throws IndexOutOfBoundsException for the first that is not
    public void check(String operation, long limit, Long exempt) {
        boolean exempts = exempt != null;
        long free = exempts ? exempt : 0;
        Workers.current().forRange(count, PIECE, (from, to) -> {
            long outside = 0;
            for (long i = from; i < to; i++) {
                long index = at(i);
                outside |= exempts && index == free ? 0 : index | (limit - 1 - index);
            }
            if (outside < 0) {
                throw outside(operation, from, limit, exempt);
            }
        });
    }

    private IndexOutOfBoundsException outside(String operation, long from, long limit, Long exempt) {
        long position = from;
        while (at(position) >= 0 && at(position) < limit || exempt != null && at(position) == exempt) {
            position++;
        }
        return new IndexOutOfBoundsException(operation + ": index " + position + " of " + count + " is " + at(position)
                + ", expected at least 0 and less than " + limit + (exempt == null ? "" : ", or " + exempt));
    }
}
