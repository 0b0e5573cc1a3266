package org.lehr.kernels.attention;

import org.lehr.kernels.AttentionKernels.Mask;

/// Which keys a query may see by its place: `first(i) ≤ j < end(i)`. Both bounds grow with `i`, so the keys that a run
/// of
/// queries sees begin where the first one's begin and end where the last one's end.
///
/// @param t number of queries
/// @param s number of keys; query `i` stands at key `i + s − t`
/// @param causal whether later keys are hidden
/// @param window number of keys up to its own place that a query sees, 0 for all
record Reach(long t, long s, boolean causal, long window) {

    static Reach of(Mask mask, long t, long s) {
        return new Reach(t, s, mask.causal(), mask.window() >= s ? 0 : mask.window());
    }

    /// The lowest key that query `i` sees.
    long first(long i) {
        return window == 0 ? 0 : Math.clamp(i + s - t - window + 1, 0L, s);
    }

    /// One more than the highest key that query `i` sees; at most `first(i)` when it sees none.
    long end(long i) {
        return causal ? Math.clamp(i + s - t + 1, 0L, s) : s;
    }

    /// The lowest query that sees key `j`.
    long firstQuery(long j) {
        return causal ? Math.clamp(j - (s - t), 0L, t) : 0;
    }

    /// One more than the highest query that sees key `j`.
    long endQuery(long j) {
        return window == 0 ? t : Math.clamp(j - (s - t) + window, 0L, t);
    }
}
