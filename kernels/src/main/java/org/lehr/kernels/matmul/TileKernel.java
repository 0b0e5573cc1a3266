package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;

/// The innermost loop of a matrix product: one tile of the result, held in registers over all of `k`.
public interface TileKernel {

    /// `c[i, j] = Σ_p a[i, p]·b[p, j]` for a tile of fixed size. All offsets and strides are in bytes.
    ///
    /// Element `a[i, p]` stands at `aOffset + i·aRow + p·aStep`; row `p` of `b` is contiguous and begins at
    /// `bOffset + p·bStep`, row `i` of `c` likewise at `cOffset + i·cRow`. `c` is written, not read.
    void run(
            int k,
            MemorySegment a,
            long aOffset,
            long aRow,
            long aStep,
            MemorySegment b,
            long bOffset,
            long bStep,
            MemorySegment c,
            long cOffset,
            long cRow);
}
