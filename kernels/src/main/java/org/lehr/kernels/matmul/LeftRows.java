package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;

/// The rows of the left matrix of one block, as its tiles read them.
///
/// Contiguous rows are read where they stand, unless they are so far apart that those of one tile fall into few sets
/// of the first-level cache; then they are copied closer together. Rows that are not contiguous are packed in panels.
/// Where fewer rows remain than a tile has, they are copied, so that nothing is read from behind the matrix.
final class LeftRows {

    /// Bytes between copied rows or panels.
    static final int GAP = Panels.SLACK;

    /// Rows whose distance is a multiple of this many bytes share few sets.
    private static final int CROWDED = 1024;

    /// Elements of each row that are packed before the next panel is: their cache lines serve all panels.
    private static final int STRIP = 32;

    private final Tiles tiles;
    private final int m;
    private final Matrix a;
    private final MemorySegment copies;
    private final boolean contiguous;
    private final boolean copied;
    private long done;
    private int length;
    private MemorySegment segment;
    private long offset;
    private long row;
    private long step;

    LeftRows(Tiles tiles, int m, Matrix a, Scratch scratch) {
        this.tiles = tiles;
        this.m = m;
        this.a = a;
        this.copies = scratch.left;
        this.contiguous = a.columnStride() == 1;
        this.copied = contiguous && m > tiles.rows() && a.rowStride() * tiles.bytes() % CROWDED == 0;
    }

    /// Makes elements `[done, done + length)` of all rows ready.
    void prepare(long done, int length) {
        this.done = done;
        this.length = length;
        if (!contiguous) {
            pack();
        } else if (copied) {
            copy(0);
        } else {
            copy(m - m % tiles.restRows());
        }
    }

    /// Makes [#segment], [#offset], [#row] and [#step] those of the tile of `height` rows that begins at row `i`.
    void select(int i, int height) {
        int bytes = tiles.bytes();
        if (!contiguous) {
            int inside = i % tiles.rows();
            segment = copies;
            offset = panel(i - inside) + (long) inside * bytes;
            row = bytes;
            step = (long) tiles.rows() * bytes;
        } else if (copied || i + height > m) {
            segment = copies;
            offset = i * copiedRow();
            row = copiedRow();
            step = bytes;
        } else {
            segment = a.segment();
            offset = a.at(i, done) * bytes;
            row = a.rowStride() * bytes;
            step = bytes;
        }
    }

    MemorySegment segment() {
        return segment;
    }

    /// In bytes.
    long offset() {
        return offset;
    }

    /// From one row to the next, in bytes.
    long row() {
        return row;
    }

    /// From one element of a row to the next, in bytes.
    long step() {
        return step;
    }

    private void copy(int first) {
        long bytes = (long) length * tiles.bytes();
        for (int i = first; i < m && bytes > 0; i++) {
            MemorySegment.copy(a.segment(), a.at(i, done) * tiles.bytes(), copies, i * copiedRow(), bytes);
        }
    }

    private void pack() {
        int rows = tiles.rows();
        for (int p = 0; p < length; p += STRIP) {
            int some = Math.min(STRIP, length - p);
            for (int i = 0; i < m; i += rows) {
                Matrix part = a.from(i, done + p).transposed();
                long target = panel(i) + (long) p * rows * tiles.bytes();
                Panels.pack(tiles, part, Math.min(rows, m - i), some, rows, copies, target);
            }
        }
    }

    private long panel(int i) {
        return (long) i * length * tiles.bytes() + (long) (i / tiles.rows()) * GAP;
    }

    private long copiedRow() {
        return (long) length * tiles.bytes() + GAP;
    }
}
