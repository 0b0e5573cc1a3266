package org.lehr.engine.distributed;

import java.time.Duration;

/// One rank's wait for another, and what is said when it ends badly.
final class Vigil {

    private final long begin = System.nanoTime();
    private final int rank;
    private final int other;
    private final Header header;
    private final Duration patience;

    /// Begins now.
    Vigil(int rank, int other, Header header, Duration patience) {
        this.rank = rank;
        this.other = other;
        this.header = header;
        this.patience = patience;
    }

    /// Why there is nothing to wait for any more; null while there is.
    ///
    /// @param failure why nothing comes from the other, found out before it was looked whether something has come;
    ///     null when something may
    /// @param lastSeen what the other did last, continuing `rank 3, which`
    String lost(String failure, String lastSeen) {
        if (failure != null) {
            return header + ": rank " + rank + " waits in vain: " + failure;
        }
        return System.nanoTime() - begin <= patience.toNanos()
                ? null
                : header + ": rank " + rank + " has waited " + patience.toMillis() + " ms for rank " + other
                        + ", which " + lastSeen;
    }
}
