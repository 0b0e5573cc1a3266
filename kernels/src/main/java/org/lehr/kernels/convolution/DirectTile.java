package org.lehr.kernels.convolution;

import java.lang.foreign.MemorySegment;

/// A few filters at a few vectors of places, in float32, summed in registers: row `r` of vector `j` is
/// `Σ_p a[p, r]·b[places[j] + taps[p]]` with a dense `a`. See [DirectTileWriter].
interface DirectTile {

    /// All offsets and distances are in bytes.
    ///
    /// @param k elements of a filter
    /// @param taps where in `b` each element of the filter is, from a place on
    /// @param places of each vector in `b`, then of each in `c`, from `cOffset` on
    void run(
            int k,
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            int[] taps,
            MemorySegment c,
            long cOffset,
            long cRow,
            long[] places);
}
