package org.lehr.kernels.convolution;

import java.lang.foreign.MemorySegment;

/// A few elements of the filters against a few vectors of outputs, summed over places in registers, in float32: row
/// `r` is `Σ_p image[taps[firstTap + r] + places[p]]·b[p]`. See [PlaceTileWriter].
interface PlaceTile {

    /// All offsets and distances are in bytes.
    ///
    /// @param k places
    /// @param places where in the image each place is
    /// @param taps where the element of each row is, from a place on; those of the tile begin at `firstTap`
    void run(
            int k,
            MemorySegment image,
            int[] places,
            int[] taps,
            int firstTap,
            MemorySegment b,
            long bOffset,
            MemorySegment c,
            long cOffset,
            long cRow);
}
