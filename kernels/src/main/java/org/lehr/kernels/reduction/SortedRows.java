package org.lehr.kernels.reduction;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.View;
import org.lehr.kernels.parallel.Workers;

/// The first `k` elements, in order, of each row of a dense view.
final class SortedRows {

    private static final long GRAIN = 8192;

    private SortedRows() {}

    /// Writes the first `k` elements of each row, and where they come from.
    static void run(View values, View indices, View x, int n, int k, boolean descending) {
        if (n == 0 || k == 0) {
            return;
        }
        MemorySegment source = x.storage().segment();
        MemorySegment sorted = values.storage().segment();
        MemorySegment origins = indices.storage().segment();
        Workers.current().forRange(x.size() / n, Math.max(1, GRAIN / n), (from, to) -> {
            long[] keys = new long[n];
            for (long row = from; row < to; row++) {
                long start = x.offset() + row * n;
                SortKeys.fill(source, x.dtype(), start, n, descending, keys);
                int[] places = Ordering.first(k, keys, n, SortKeys.areShort(x.dtype()));
                for (int i = 0; i < k; i++) {
                    copy(
                            source,
                            start + places[i],
                            sorted,
                            values.offset() + row * k + i,
                            x.dtype().bytes());
                    origins.setAtIndex(JAVA_LONG, indices.offset() + row * k + i, places[i]);
                }
            }
        });
    }

    private static void copy(MemorySegment from, long place, MemorySegment into, long at, int bytes) {
        switch (bytes) {
            case 1 -> into.set(JAVA_BYTE, at, from.get(JAVA_BYTE, place));
            case 2 -> into.setAtIndex(JAVA_SHORT, at, from.getAtIndex(JAVA_SHORT, place));
            case 4 -> into.setAtIndex(JAVA_INT, at, from.getAtIndex(JAVA_INT, place));
            default -> into.setAtIndex(JAVA_LONG, at, from.getAtIndex(JAVA_LONG, place));
        }
    }
}
