package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;

/// Transposes square blocks of a matrix, as many rows and columns of it at a time as a vector has lanes.
interface Transpose {

    /// `to[p, i] = from[min(i, last), p]` for all lanes `i` and the elements `p` of `blocks` blocks, which follow
    /// each other along the rows of `from`. All offsets and strides are in bytes.
    ///
    /// Row `i` of `from` is contiguous and begins at `fromOffset + i·fromRow`, row `p` of `to` likewise at
    /// `toOffset + p·toRow`.
    void run(
            int blocks,
            MemorySegment from,
            long fromOffset,
            long fromRow,
            int last,
            MemorySegment to,
            long toOffset,
            long toRow);
}
