package org.lehr.kernels.attention;

import org.lehr.kernels.View;

/// The extents of one call.
///
/// @param b batch
/// @param h query heads
/// @param g key heads, a divisor of `h`
/// @param t queries
/// @param s keys
/// @param d width of queries and keys
/// @param e width of values
record Sizes(long b, long h, long g, int t, int s, int d, int e) {

    static Sizes of(View q, View k, View v) {
        long[] qs = q.shape();
        long[] ks = k.shape();
        return new Sizes(qs[0], qs[1], ks[1], (int) qs[2], (int) ks[2], (int) qs[3], (int) v.shape()[3]);
    }

    /// Query heads that one key head serves.
    long group() {
        return g == 0 ? 0 : h / g;
    }
}
