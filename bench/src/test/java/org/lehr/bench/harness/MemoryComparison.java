package org.lehr.bench.harness;

import org.lehr.bench.MemoryRow;

/// Measures how much memory training steps need, each engine alone in a process.
final class MemoryComparison {

    private static final double MEBIBYTE = 1 << 20;

    private MemoryComparison() {}

    static Result measure(MemoryRow row, Session session) {
        session.rest();
        double ours = of(row, session, Surroundings.OWN, Variant.LEHR);
        double theirs = of(row, session, Surroundings.TUNED_PEER, Variant.TORCH);
        double shipped = of(row, session, Surroundings.AS_SHIPPED, Variant.TORCH);
        return new Result(
                row.name(), session.threads(), "MiB", ours, theirs, Variant.TORCH.title(), Double.NaN, shipped);
    }

    private static double of(MemoryRow row, Session session, Surroundings surroundings, Variant variant) {
        try (WorkerProcess process = session.start(surroundings)) {
            return process.largestResidentBytes(row.name(), variant) / MEBIBYTE;
        }
    }
}
