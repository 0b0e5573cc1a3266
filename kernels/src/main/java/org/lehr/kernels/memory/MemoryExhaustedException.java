package org.lehr.kernels.memory;

import java.util.List;
import java.util.stream.Collectors;

/// The pool's limit leaves no room for a request, with all that a collection gave back.
public final class MemoryExhaustedException extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final int OWNERS_SHOWN = 8;

    private final long requested;

    MemoryExhaustedException(
            long requested,
            String owner,
            MemoryStatistics statistics,
            List<Owners> owners,
            String property,
            boolean collected) {
        super(message(requested, owner, statistics, owners, property, collected));
        this.requested = requested;
    }

    /// Bytes that were asked for.
    public long requested() {
        return requested;
    }

    private static String message(
            long requested,
            String owner,
            MemoryStatistics statistics,
            List<Owners> owners,
            String property,
            boolean collected) {
        String largest = owners.stream()
                .limit(OWNERS_SHOWN)
                .map(o -> o.name() + " (" + o.count() + " x, " + ByteSize.format(o.bytes()) + ")")
                .collect(Collectors.joining(", "));
        return "memory exhausted: " + ByteSize.format(requested) + " for " + owner + " do not fit; limit "
                + ByteSize.format(statistics.limit()) + ", outstanding "
                + ByteSize.format(statistics.outstanding()) + ", pooled "
                + ByteSize.format(statistics.pooled())
                + (largest.isEmpty() ? "" : "; largest owners: " + largest)
                + (collected
                        ? ""
                        : "; -XX:+DisableExplicitGC is set, so dropped tensors are not found in time: leave it out")
                + "; use smaller sizes, close a Scope around each step, or raise -D" + property;
    }
}
