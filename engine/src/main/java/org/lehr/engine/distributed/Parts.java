package org.lehr.engine.distributed;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.lehr.engine.tensor.Tensor;

/// How the elements of a tensor are cut into one part for each rank.
///
/// @param width bytes of an element
/// @param starts first element of each part, and behind the last
record Parts(int width, long... starts) {

    /// Parts of the same size but for one element.
    static Parts even(long elements, int ranks, int width) {
        long[] starts = new long[ranks + 1];
        Arrays.setAll(starts, i -> elements / ranks * i + Math.min(i, elements % ranks));
        return new Parts(width, starts);
    }

    /// @param counts rows of the first dimension for each rank
    static Parts rows(Tensor x, int ranks, long... counts) {
        long rows = x.rank() == 0 ? 1 : x.extent(0);
        boolean fits = counts.length == ranks && Arrays.stream(counts).allMatch(count -> count >= 0);
        if (!fits || Arrays.stream(counts).sum() != rows) {
            throw new IllegalArgumentException("all-to-all: " + Arrays.toString(counts) + " rows for " + ranks
                    + " ranks do not make up those of " + x.shape());
        }
        long row = rows == 0 ? 0 : x.size() / rows;
        long[] starts = new long[ranks + 1];
        for (int i = 0; i < ranks; i++) {
            starts[i + 1] = starts[i] + counts[i] * row;
        }
        return new Parts(x.dtype().bytes(), starts);
    }

    long elements(int rank) {
        return starts[rank + 1] - starts[rank];
    }

    long bytes(int rank) {
        return elements(rank) * width;
    }

    /// The part of `rank` within all.
    MemorySegment of(MemorySegment all, int rank) {
        return all.asSlice(starts[rank] * width, bytes(rank));
    }
}
