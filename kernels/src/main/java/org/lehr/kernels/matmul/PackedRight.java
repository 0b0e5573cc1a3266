package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;

/// A right matrix in panels of a tile's columns, each of them `[k, columns]`, dense. The last one is as wide as the
/// narrowest tile that holds what remains.
///
/// @param start where the first panel begins, in bytes
/// @param k rows of the matrix
record PackedRight(Tiles tiles, MemorySegment segment, long start, long k) {

    /// Bytes that a matrix takes.
    static long bytes(Tiles tiles, long k, long n) {
        long panels = Math.ceilDiv(n, tiles.columns());
        return Math.multiplyExact(Math.multiplyExact(panels, k), (long) tiles.columns() * tiles.bytes());
    }

    /// Where row `p` of the panel of `width` columns that begins at column `j` stands, in bytes.
    long offset(long j, int width, long p) {
        return start + (j * k + p * tiles.columns(width)) * tiles.bytes();
    }

    /// The same panels seen from column `j` on, which begins a panel.
    PackedRight from(long j) {
        return new PackedRight(tiles, segment, start + j * k * tiles.bytes(), k);
    }

    /// Fills the panel that begins at column `j` of `b [k, n]`.
    void fill(Matrix b, long n, long j) {
        int width = (int) Math.min(tiles.columns(), n - j);
        long pitch = (long) tiles.columns(width) * tiles.bytes();
        for (long p = 0; p < k; p += Scratch.DEPTH) {
            int length = (int) Math.min(Scratch.DEPTH, k - p);
            Panels.pack(tiles, b.from(p, j), width, length, pitch, segment, offset(j, width, p));
        }
    }
}
