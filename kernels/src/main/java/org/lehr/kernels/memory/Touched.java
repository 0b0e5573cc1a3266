package org.lehr.kernels.memory;

import java.util.Arrays;

/// What is known of memory that was cleared: its first `bytes` bytes are zero, but for the named rows of
/// `rowBytes` bytes. A gradient of a large table, of which a step reaches few rows, is cleared by clearing
/// those.
///
/// @param rows places of rows, in any order, with repetitions
public record Touched(long bytes, long rowBytes, long[] rows) {

    private static final long[] NONE = {};

    /// Memory that is zero everywhere.
    public static Touched nowhere(long bytes) {
        return new Touched(bytes, 1, NONE);
    }

    /// Whether `more` rows of `rowBytes` bytes can be noted besides, and clearing the rows still pays.
    boolean takes(long rowBytes, int more) {
        boolean same = rows.length == 0 || rowBytes == this.rowBytes;
        return same && (double) (rows.length + more) * rowBytes < bytes / 2.0;
    }

    Touched and(long rowBytes, long... more) {
        long[] all = Arrays.copyOf(rows, rows.length + more.length);
        System.arraycopy(more, 0, all, rows.length, more.length);
        return new Touched(bytes, rowBytes, all);
    }
}
