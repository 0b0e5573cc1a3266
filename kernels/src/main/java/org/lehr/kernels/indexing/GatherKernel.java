package org.lehr.kernels.indexing;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Reals;

/// Elements along the middle of three dimensions by their numbers:
/// `out[i, j, l] = in[i, indices[i, j, l], l]`, and its gradient `dIn[i, indices[i, j, l], l] += dOut[i, j, l]`,
/// repeated places in the order of `j`.
///
/// `in [a, n, c]`, `indices, out [a, m, c]`, dense; every segment begins at the first element. The indices
/// have been checked.
public final class GatherKernel {

    private GatherKernel() {}

    /// The extents of a gather.
    public record Extents(long a, long n, long m, long c) {}

    /// The definition of both directions: copies elements when not `adding`, else adds `out`'s elements into
    /// `in`.
    public static void reference(Reals out, Reals in, Indices indices, Extents extents, boolean adding) {
        for (long i = 0; i < extents.a; i++) {
            for (long j = 0; j < extents.m; j++) {
                for (long l = 0; l < extents.c; l++) {
                    long at = (i * extents.m + j) * extents.c + l;
                    long place = (i * extents.n + indices.at(at)) * extents.c + l;
                    if (adding) {
                        in.put(place, in.get(place) + out.get(at));
                    } else {
                        out.put(at, in.get(place));
                    }
                }
            }
        }
    }

    /// Copies elements of `bytes` bytes into rows `[from, to)` of `out`, seen as `[a·m, c]`.
    public static void forward(
            int bytes, MemorySegment out, MemorySegment in, Indices indices, Extents extents, long from, long to) {
        long c = extents.c;
        for (long row = from; row < to; row++) {
            long base = row / extents.m * extents.n;
            for (long l = 0; l < c; l++) {
                long at = row * c + l;
                long place = (base + indices.at(at)) * c + l;
                switch (bytes) {
                    case 8 -> out.setAtIndex(JAVA_LONG, at, in.getAtIndex(JAVA_LONG, place));
                    case 4 -> out.setAtIndex(JAVA_INT, at, in.getAtIndex(JAVA_INT, place));
                    case 2 -> out.setAtIndex(JAVA_SHORT, at, in.getAtIndex(JAVA_SHORT, place));
                    default -> out.set(JAVA_BYTE, at, in.get(JAVA_BYTE, place));
                }
            }
        }
    }

    /// Adds the columns `[from, to)` of part `i` of `values` into `out`, in the order of `j`.
    /// float32, float64, int64, int32.
    public static void backward(
            DType dtype,
            MemorySegment out,
            Indices indices,
            MemorySegment values,
            Extents extents,
            long i,
            long from,
            long to) {
        long c = extents.c;
        for (long j = 0; j < extents.m; j++) {
            for (long l = from; l < to; l++) {
                long at = (i * extents.m + j) * c + l;
                Addition.addOne(dtype, out, (i * extents.n + indices.at(at)) * c + l, values, at);
            }
        }
    }
}
