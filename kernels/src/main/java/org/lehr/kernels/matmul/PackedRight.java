package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;

/// A right matrix in panels of a tile's columns, each of them `[k, columns]`, dense, the last one filled with zeros.
///
/// @param start where the first panel begins, in bytes
/// @param k rows of the matrix
record PackedRight(Tiles tiles, MemorySegment segment, long start, long k) {

    /// Bytes that a matrix takes.
    static long bytes(Tiles tiles, long k, long n) {
        long panels = Math.ceilDiv(n, tiles.columns());
        return Math.multiplyExact(Math.multiplyExact(panels, k), (long) tiles.columns() * tiles.bytes());
    }

    /// Where row `p` of the panel that begins at column `j` stands, in bytes.
    long offset(long j, long p) {
        return start + (j / tiles.columns() * k + p) * tiles.columns() * tiles.bytes();
    }

    /// The same panels seen from column `j` on, which begins a panel.
    PackedRight from(long j) {
        return new PackedRight(tiles, segment, offset(j, 0), k);
    }

    /// Fills the panel that begins at column `j` of `b [k, n]`.
    void fill(Matrix b, long n, long j) {
        int step = Scratch.depth(tiles.bytes());
        for (long p = 0; p < k; p += step) {
            int lines = (int) Math.min(tiles.columns(), n - j);
            int length = (int) Math.min(step, k - p);
            Panels.pack(tiles, b.from(p, j), lines, length, tiles.columns(), segment, offset(j, p));
        }
    }
}
