package org.lehr.kernels.reduction;

import java.util.Arrays;
import org.lehr.kernels.parallel.Workers;

/// Stable orders of keys: ascending, equal keys by their place.
final class Ordering {

    /// Longest run sorted by one thread; longer rows are merged from such runs.
    private static final int RUN = 1 << 15;

    /// Largest selection that is kept sorted by insertion; larger ones sort everything.
    private static final int FEW = 64;

    private static final long PLACE = 0xFFFF_FFFFL;

    private Ordering() {}

    /// The places of the first `k` of the first `n` keys, in order. May overwrite `keys`.
    ///
    /// @param areShort whether all keys fit into 32 bits, which is faster
    static int[] first(int k, long[] keys, int n, boolean areShort) {
        if (k <= FEW && k < n) {
            return select(k, keys, n);
        }
        return Arrays.copyOf(areShort ? sortShort(keys, n) : sortLong(keys, n), k);
    }

    private static int[] select(int k, long[] keys, int n) {
        long[] best = new long[k];
        int[] places = new int[k];
        int found = 0;
        for (int i = 0; i < n && k > 0; i++) {
            long key = keys[i];
            if (found == k && key >= best[k - 1]) {
                continue;
            }
            int at = found < k ? found++ : k - 1;
            for (; at > 0 && best[at - 1] > key; at--) {
                best[at] = best[at - 1];
                places[at] = places[at - 1];
            }
            best[at] = key;
            places[at] = i;
        }
        return places;
    }

    /// Key and place in one number: all differ, so any sort is stable.
    private static int[] sortShort(long[] keys, int n) {
        for (int i = 0; i < n; i++) {
            keys[i] = keys[i] << 32 | i;
        }
        Workers.current()
                .forRange(n, RUN, (from, to) -> Arrays.sort(keys, Math.toIntExact(from), Math.toIntExact(to)));
        long[] from = keys;
        long[] into = n > RUN ? new long[n] : keys;
        for (long run = RUN; run < n; run *= 2) {
            merge(from, into, n, run);
            long[] merged = into;
            into = from;
            from = merged;
        }
        int[] places = new int[n];
        for (int i = 0; i < n; i++) {
            places[i] = (int) (from[i] & PLACE);
        }
        return places;
    }

    /// Merges neighbouring sorted runs of length `run`.
    private static void merge(long[] from, long[] into, int n, long run) {
        Workers.current().forRange(n, 2 * run, (start, end) -> {
            int middle = (int) Math.min(start + run, end);
            int left = (int) start;
            int right = middle;
            for (int i = (int) start; i < end; i++) {
                boolean takeLeft = right == end || left < middle && from[left] < from[right];
                into[i] = takeLeft ? from[left++] : from[right++];
            }
        });
    }

    /// A merge sort of places by their keys, from runs of length 1.
    private static int[] sortLong(long[] keys, int n) {
        int[] from = new int[n];
        Arrays.setAll(from, i -> i);
        int[] into = new int[n];
        for (long run = 1; run < n; run *= 2) {
            for (long start = 0; start < n; start += 2 * run) {
                int middle = (int) Math.min(start + run, n);
                int end = (int) Math.min(start + 2 * run, n);
                int left = (int) start;
                int right = middle;
                for (int i = (int) start; i < end; i++) {
                    boolean takeLeft = right == end || left < middle && keys[from[left]] <= keys[from[right]];
                    into[i] = takeLeft ? from[left++] : from[right++];
                }
            }
            int[] merged = into;
            into = from;
            from = merged;
        }
        return from;
    }
}
