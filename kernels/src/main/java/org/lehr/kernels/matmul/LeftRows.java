package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;

/// The rows of the left matrix of one block, as its tiles read them.
///
/// Rows with unit stride are read where they stand, and so is a transposed matrix that lies close together. Others,
/// those of a transposed matrix above all, are first brought
/// closer together: element `p` of row `i` to `p·pitch + i·bytes`, the order in which a transposed matrix has them, so
/// that its packing is a copy by whole vectors.
final class LeftRows {

    private static final int LINE = 64;

    /// Elements from one element of a row to the next up to which a transposed matrix is read in place.
    private static final int NEAR = 32;

    private final Tiles tiles;
    private final int m;
    private final Matrix a;
    private final Scratch scratch;
    private final boolean inPlace;
    private MemorySegment segment;
    private long origin;
    private long row;
    private long step;

    LeftRows(Tiles tiles, int m, Matrix a, Scratch scratch) {
        this.tiles = tiles;
        this.m = m;
        this.a = a;
        this.scratch = scratch;
        this.inPlace = isReadInPlace(a);
    }

    /// Whether a block may have any number of rows of this matrix, not only [Scratch#ROWS].
    static boolean isReadInPlace(Matrix a) {
        return a.columnStride() == 1 || a.rowStride() == 1 && a.columnStride() >= 0 && a.columnStride() <= NEAR;
    }

    /// Bytes from one element of a packed row to the next: an odd number of cache lines, which uses all sets.
    static long pitch(int bytes) {
        return (long) Scratch.ROWS * bytes + LINE;
    }

    /// Makes elements `[done, done + length)` of all rows ready.
    void prepare(long done, int length) {
        int bytes = tiles.bytes();
        if (inPlace && a.halves()) {
            widen(a.from(0, done), length);
        } else if (inPlace) {
            segment = a.segment();
            origin = a.at(0, done) * bytes;
            row = a.rowStride() * bytes;
            step = a.columnStride() * bytes;
        } else {
            segment = scratch.left;
            origin = 0;
            row = bytes;
            step = pitch(bytes);
            Panels.pack(tiles, a.from(0, done).transposed(), m, length, step, scratch.left, 0);
        }
    }

    private void widen(Matrix part, int length) {
        segment = scratch.wideRows();
        origin = 0;
        if (a.columnStride() == 1) {
            Widening.rows(part, m, length, segment);
            row = Widening.pitch(length);
            step = Float.BYTES;
        } else {
            row = Float.BYTES;
            step = Widening.pitch(m);
            Panels.pack(tiles, part.transposed(), m, length, step, segment, 0);
        }
    }

    /// From one row to the next where they stand, or would stand if they were not bfloat16, in bytes: what the
    /// choice of
    /// a tile depends on.
    long distance() {
        return inPlace ? a.rowStride() * tiles.bytes() : row;
    }

    /// What [#prepare] made ready of all rows.
    Matrix ready() {
        return new Matrix(segment, origin / tiles.bytes(), row / tiles.bytes(), step / tiles.bytes(), false);
    }

    MemorySegment segment() {
        return segment;
    }

    /// Where row `i` begins, in bytes.
    long offset(int i) {
        return origin + i * row;
    }

    /// From one row to the next, in bytes.
    long row() {
        return row;
    }

    /// From one element of a row to the next, in bytes.
    long step() {
        return step;
    }
}
