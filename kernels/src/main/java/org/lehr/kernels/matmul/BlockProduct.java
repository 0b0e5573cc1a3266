package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;

/// One thread's work on a block of the result: goes over the depth in steps that fit the caches, over panels of the
/// right matrix, and over tiles.
///
/// The left matrix is read where it stands when its rows are contiguous, else it is packed in panels of a tile's
/// rows. The right matrix is read where it stands, from panels that were packed before, or packed here.
final class BlockProduct {

    private final Tiles tiles;
    private final Scratch scratch = Scratch.mine();
    private final Matrix a;
    private final Matrix b;
    private final PackedRight packed;
    private final Output out;
    private final int m;
    private final long n;
    private final boolean packsLeft;

    /// The product of `a`'s first `m ≤ ROWS` rows with `b`'s first `n` columns; `out` is placed accordingly.
    ///
    /// @param packed `b` in panels, or null when `b` itself is to be read
    BlockProduct(Tiles tiles, int m, long n, Matrix a, Matrix b, PackedRight packed, Output out) {
        this.tiles = tiles;
        this.m = m;
        this.n = n;
        this.a = a;
        this.b = b;
        this.packed = packed;
        this.out = out;
        this.packsLeft = packsLeft(tiles, a);
    }

    /// Whether rows are copied before they are used: always when they are not contiguous, and when they lie so far
    /// apart that all of a tile's fall into few sets of the cache.
    static boolean packsLeft(Tiles tiles, Matrix a) {
        return a.columnStride() != 1;
    }

    void run(long k) {
        int depth = Scratch.depth(tiles.bytes());
        long done = 0;
        do {
            int length = (int) Math.min(depth, k - done);
            packLeft(done, length);
            for (long j = 0; j < n; j += tiles.columns()) {
                int width = (int) Math.min(tiles.columns(), n - j);
                panel(done, length, j, width, done + length == k);
            }
            done += length;
        } while (done < k);
    }

    private void packLeft(long done, int length) {
        int rows = tiles.rows();
        int whole = packsLeft ? 0 : m - m % rows;
        for (int i = whole; i < m; i += rows) {
            Matrix part = a.from(i, done).transposed();
            Panels.pack(tiles, part, Math.min(rows, m - i), length, rows, scratch.left, (long) i * length * tiles.bytes());
        }
    }

    private void panel(long done, int length, long j, int width, boolean last) {
        int bytes = tiles.bytes();
        int columns = tiles.columns();
        if (packed != null) {
            long offset = packed.offset(j, done);
            rows(done, length, packed.segment(), offset, (long) columns * bytes, j, width, last);
        } else if (b.columnStride() == 1 && width == columns) {
            long offset = (b.offset() + done * b.rowStride() + j) * bytes;
            rows(done, length, b.segment(), offset, b.rowStride() * bytes, j, width, last);
        } else {
            Panels.pack(tiles, b.from(done, j), width, length, columns, scratch.right, 0);
            rows(done, length, scratch.right, 0, (long) columns * bytes, j, width, last);
        }
    }

    private void rows(
            long done, int length, MemorySegment right, long offset, long step, long j, int width, boolean last) {
        int bytes = tiles.bytes();
        boolean direct = width == tiles.columns() && done == 0 && (last ? out.isPlain() : !out.accumulate());
        Matrix c = out.c();
        for (int i = 0; i < m; ) {
            int left = m - i;
            boolean whole = left >= tiles.rows();
            int height = whole ? tiles.rows() : tiles.restRows();
            TileKernel kernel = whole ? tiles.main() : tiles.rest();
            boolean inPlace = direct && left >= height;
            MemorySegment target = inPlace ? c.segment() : scratch.tile;
            long place = inPlace ? (c.offset() + i * c.rowStride() + j) * bytes : 0;
            long row = inPlace ? c.rowStride() * bytes : (long) tiles.columns() * bytes;
            if (packsLeft || !whole) {
                int in = i % tiles.rows();
                long from = ((long) (i - in) * length + in) * bytes;
                kernel.run(length, scratch.left, from, bytes, (long) tiles.rows() * bytes, right, offset, step, target,
                        place, row);
            } else {
                long from = (a.offset() + i * a.rowStride() + done) * bytes;
                kernel.run(length, a.segment(), from, a.rowStride() * bytes, bytes, right, offset, step, target,
                        place, row);
            }
            if (!inPlace) {
                TileStore.store(tiles, scratch.tile, Math.min(height, left), width, out, i, j, done > 0, last);
            }
            i += height;
        }
    }
}
