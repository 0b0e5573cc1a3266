package org.lehr.kernels.reduction;

import java.util.Arrays;

/// Stable orders of keys: ascending, equal keys by their place.
final class Ordering {

    /// Shorter rows are sorted by comparisons, longer ones by digits.
    private static final int LEAST_FOR_DIGITS = 1024;

    private static final int DIGIT_BITS = 11;

    /// Largest selection that is kept sorted by insertion; larger ones sort everything.
    private static final int FEW = 64;

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
        long[] sorted = keys;
        if (n < LEAST_FOR_DIGITS) {
            Arrays.sort(keys, 0, n);
        } else {
            sorted = sortByDigits(keys, n);
        }
        int[] places = new int[n];
        for (int i = 0; i < n; i++) {
            places[i] = (int) sorted[i];
        }
        return places;
    }

    /// Three stable distributions by the digits of the upper 32 bits, from the lowest on; the sign bit counts
    /// reversed.
    private static long[] sortByDigits(long[] keys, int n) {
        long[] from = keys;
        long[] into = new long[n];
        for (int low = 32; low < 64; low += DIGIT_BITS) {
            int[] starts = new int[(1 << DIGIT_BITS) + 1];
            for (int i = 0; i < n; i++) {
                starts[digit(from[i], low) + 1]++;
            }
            if (starts[digit(from[0], low) + 1] == n) {
                continue;
            }
            for (int d = 0; d < 1 << DIGIT_BITS; d++) {
                starts[d + 1] += starts[d];
            }
            for (int i = 0; i < n; i++) {
                into[starts[digit(from[i], low)]++] = from[i];
            }
            long[] distributed = into;
            into = from;
            from = distributed;
        }
        return from;
    }

    private static int digit(long key, int low) {
        return (int) ((key ^ Long.MIN_VALUE) >>> low) & (1 << DIGIT_BITS) - 1;
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
