package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;

/// One thread's work on a block of the result: goes over the depth in steps that fit the caches, over panels of the
/// right matrix, and over tiles.
///
/// The right matrix is read where it stands, from panels that were packed before, or packed here.
final class BlockProduct {

    /// Bytes over which a panel of the right matrix may be spread to be read where it stands.
    private static final int NEAR = 1 << 17;

    private final Tiles tiles;
    private final Scratch scratch = Scratch.mine();
    private final Matrix b;
    private final PackedRight packed;
    private final Output out;
    private final int m;
    private final long n;
    private final LeftRows left;
    private final boolean dots;

    /// The product of `a`'s first `m` rows with `b`'s first `n` columns; `out` is placed accordingly. Rows that are
    /// not read in place are [Scratch#ROWS] at most.
    ///
    /// @param packed `b` in panels, or null when `b` itself is to be read
    BlockProduct(Tiles tiles, int m, long n, Matrix a, Matrix b, PackedRight packed, Output out) {
        this.tiles = tiles;
        this.m = m;
        this.n = n;
        this.b = b;
        this.packed = packed;
        this.out = out;
        this.dots = packed == null && DotTile.suits(tiles, a, b, m, n);
        this.left = new LeftRows(tiles, m, a, scratch);
    }

    void run(long k) {
        int depth = Scratch.DEPTH;
        long done = 0;
        do {
            int length = (int) Math.min(depth, k - done);
            left.prepare(done, length);
            for (long j = 0; j < n; j += tiles.columns()) {
                int width = (int) Math.min(tiles.columns(), n - j);
                panel(done, length, j, width, done + length == k);
            }
            done += length;
        } while (done < k);
    }

    private void panel(long done, int length, long j, int width, boolean last) {
        int bytes = tiles.bytes();
        int columns = tiles.columns(width);
        long pitch = (long) columns * bytes;
        if (dots) {
            Matrix part = b.from(done, j);
            Matrix right = b.halves()
                    ? Widening.rows(part.transposed(), width, length, scratch.wideLines())
                            .transposed()
                    : part;
            for (int i = 0; i < m; i += tiles.rows()) {
                int height = Math.min(tiles.rows(), m - i);
                DotTile.fill(tiles, left.ready().from(i, 0), right, height, width, length, scratch.tile);
                TileStore.store(tiles, scratch.tile, height, width, out, i, j, done > 0, last);
            }
        } else if (packed != null) {
            rows(done, length, packed.segment(), packed.offset(j, width, done), pitch, j, width, last);
        } else if (width == columns && readsRightInPlace(length)) {
            rows(done, length, b.segment(), b.at(done, j) * bytes, b.rowStride() * bytes, j, width, last);
        } else {
            Panels.pack(tiles, b.from(done, j), width, length, pitch, scratch.right, 0);
            rows(done, length, scratch.right, 0, pitch, j, width, last);
        }
    }

    /// A panel that is read a few times, or lies close together, is not worth packing.
    private boolean readsRightInPlace(int length) {
        boolean close = length * b.rowStride() * tiles.bytes() <= NEAR;
        return !b.halves() && b.columnStride() == 1 && (close || m <= 2 * tiles.rows());
    }

    private void rows(
            long done, int length, MemorySegment right, long offset, long step, long j, int width, boolean last) {
        int bytes = tiles.bytes();
        int columns = tiles.columns(width);
        boolean direct = width == columns && done == 0 && (last ? out.isPlain() : !out.accumulate());
        Matrix c = out.c();
        int rows = tiles.rows(columns, m, left.distance());
        Walk plain = new Walk(length, left.step(), right, offset, step);
        boolean pairs = tiles.pairs(rows, length, left.step());
        Walk walk = pairs ? plain.paired(scratch.pairs) : plain;
        TileKernel main = pairs ? tiles.paired() : tiles.main(rows, columns);
        for (int i = 0; i < m; ) {
            int remaining = m - i;
            if (remaining < rows) {
                rows = tiles.rows();
                main = tiles.main(rows, columns);
                walk = plain;
            }
            boolean whole = remaining >= rows;
            int height = whole ? rows : tiles.restRows();
            boolean inPlace = direct && remaining >= height;
            MemorySegment target = inPlace ? c.segment() : scratch.tile;
            long place = inPlace ? (c.offset() + i * c.rowStride() + j) * bytes : 0;
            long row = inPlace ? c.rowStride() * bytes : (long) tiles.columns() * bytes;
            TileKernel kernel = whole ? main : tiles.rest(columns);
            // Where a row is missing, another one is read twice.
            long leftRow = remaining >= height ? left.row() : 0;
            kernel.run(
                    walk.length,
                    left.segment(),
                    left.offset(i),
                    leftRow,
                    walk.leftStep,
                    walk.right,
                    walk.offset,
                    walk.step,
                    target,
                    place,
                    row);
            if (!inPlace) {
                TileStore.store(tiles, scratch.tile, Math.min(height, remaining), width, out, i, j, done > 0, last);
            }
            i += height;
        }
    }

    /// How a tile goes over the depth: how often, and from where to where in the left and in the right matrix, in
    /// bytes.
    private record Walk(int length, long leftStep, MemorySegment right, long offset, long step) {

        /// The same depth in pairs, with the panel of the right matrix interleaved in `scratch`.
        Walk paired(MemorySegment scratch) {
            PairPanel.fill(length / 2, right, offset, step, scratch);
            return new Walk(length / 2, 2 * leftStep, scratch, 0, PairPanel.pitch());
        }
    }
}
