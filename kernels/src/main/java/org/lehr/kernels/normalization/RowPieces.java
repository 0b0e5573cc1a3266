package org.lehr.kernels.normalization;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.RangeTask;
import org.lehr.kernels.parallel.Workers;

/// The rows of an `[rows, n]` array, cut into pieces by size only.
record RowPieces(long rows, long n, long piece) {

    private static final long PIECE_ELEMENTS = 1 << 15;
    private static final long MOST_ROWS = 1 << 10;
    private static final long COLUMNS = 64;

    static RowPieces of(View x) {
        if (x.rank() != 2) {
            throw new IllegalArgumentException("normalization: expected an array [rows, n], got " + x);
        }
        long n = x.shape()[1];
        return new RowPieces(x.shape()[0], n, Math.clamp(PIECE_ELEMENTS / Math.max(n, 1), 1, MOST_ROWS));
    }

    /// Runs `task` on pieces of the rows.
    void forEach(RangeTask task) {
        Workers.current().forRange(rows, piece, task);
    }

    /// Runs `task` on pieces of the columns.
    void forEachColumns(RangeTask task) {
        Workers.current().forRange(n, COLUMNS, task);
    }

    /// A piece's own sums over its rows: takes rows `[from, to)` and `sums`, which is zero at first.
    @FunctionalInterface
    interface Summation {
        void run(long from, long to, MemorySegment sums);
    }

    /// Runs `task` on pieces of the rows, each with `width` float32 sums, then adds the pieces' sums in their
    /// order: the first `n` into `out[0]`, the next `n` into `out[1]` and so on, except into those that are
    /// null.
    void sum(long width, Summation task, MemorySegment... out) {
        long pieces = (rows + piece - 1) / piece;
        Storage storage = Pool.host().allocate(4 * width * pieces, "normalization, sums over rows");
        try {
            MemorySegment partials = storage.segment();
            forEach((from, to) -> {
                MemorySegment sums = partials.asSlice(4 * width * (from / piece), 4 * width);
                sums.fill((byte) 0);
                task.run(from, to, sums);
            });
            forEachColumns((from, to) -> {
                for (int i = 0; i < out.length; i++) {
                    if (out[i] != null) {
                        MemorySegment columns = out[i].asSlice(4 * from, 4 * (to - from));
                        ColumnSumKernel.forward(columns, partials, pieces, width, i * n + from, to - from);
                    }
                }
            });
        } finally {
            storage.release();
        }
    }
}
