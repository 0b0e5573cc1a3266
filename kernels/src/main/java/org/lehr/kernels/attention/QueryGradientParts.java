package org.lehr.kernels.attention;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.View;
import org.lehr.kernels.matmul.Matrix;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// The parts of `dQ` that shares of the keys give, `[shares, b·h, t, padded d]`.
record QueryGradientParts(Storage storage, Sizes sizes, int shares, int length) {

    static QueryGradientParts allocate(Sizes z, int shares) {
        int length = Blocks.padded(z.d());
        long floats = shares * z.b() * z.h() * z.t() * length;
        return new QueryGradientParts(Pool.host().allocate(4 * floats, "attention backward"), z, shares, length);
    }

    /// Keeps `rows` rows of one share, from query `query` of a head on.
    void store(Matrix dq, int share, long head, int query, int rows) {
        long to = place(share, head, query);
        MemorySegment.copy(dq.segment(), 4 * dq.offset(), storage.segment(), 4 * to, 4L * rows * length);
    }

    /// `dq ← Σ parts`, in the order of the shares.
    void combine(View dq) {
        Workers.current().forRange(sizes.b() * sizes.h(), 1, (from, to) -> {
            for (long head = from; head < to; head++) {
                add(dq, head);
            }
        });
    }

    private void add(View dq, long head) {
        MemorySegment m = storage.segment();
        long first = place(0, head, 0);
        long end = first + (long) sizes.t() * length;
        for (int share = 1; share < shares; share++) {
            SoftmaxRows.add(m, first, end, place(share, head, 0));
        }
        long start = Rows.start(dq, head / sizes.h(), head % sizes.h());
        for (int r = 0; r < sizes.t(); r++) {
            Blocks.storeRow(m, first + (long) r * length, sizes.d(), dq, start + r * dq.strides()[2]);
        }
    }

    private long place(int share, long head, int query) {
        return ((share * sizes.b() * sizes.h() + head) * sizes.t() + query) * length;
    }

    void release() {
        storage.release();
    }
}
