package org.lehr.cuda;

import java.util.Arrays;
import org.lehr.kernels.View;

/// The shape that several views have in common, in as few dimensions as they allow: neighbours that all of the views
/// walk through with one stride become one.
///
/// @param strides of each view
record Extents(long[] shape, long[][] strides) {

    /// What kernels have room for.
    static final int RANK = 8;

    /// @throws IllegalArgumentException naming `operation` where more than [#RANK] dimensions remain
    static Extents of(String operation, View... views) {
        int rank = 0;
        long[] given = views[0].shape();
        long[] shape = new long[Math.max(1, given.length)];
        long[][] strides = new long[views.length][shape.length];
        for (int d = 0; d < given.length; d++) {
            if (given[d] == 1) {
                continue;
            }
            if (rank > 0 && follows(views, strides, rank - 1, d)) {
                shape[rank - 1] *= given[d];
                rank--;
            } else {
                shape[rank] = given[d];
            }
            for (int v = 0; v < views.length; v++) {
                strides[v][rank] = views[v].strides()[d];
            }
            rank++;
        }
        if (rank == 0) {
            shape[0] = 1;
            rank = 1;
        }
        if (rank > RANK) {
            throw new IllegalArgumentException(operation + ": " + Arrays.toString(given) + " with these strides needs "
                    + rank + " dimensions, the device has room for " + RANK);
        }
        int kept = rank;
        return new Extents(
                Arrays.copyOf(shape, kept),
                Arrays.stream(strides).map(s -> Arrays.copyOf(s, kept)).toArray(long[][]::new));
    }

    int rank() {
        return shape.length;
    }

    long size() {
        return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }

    private static boolean follows(View[] views, long[][] strides, int outer, int d) {
        for (int v = 0; v < views.length; v++) {
            if (strides[v][outer] != views[v].strides()[d] * views[v].shape()[d]) {
                return false;
            }
        }
        return true;
    }
}
