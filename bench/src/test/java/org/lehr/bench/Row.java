package org.lehr.bench;

/// A line of the results: some work that two engines do, or two models of ours.
public sealed interface Row permits Operation, StepRow, MemoryRow, JvmPeerRow, DecodingRow {

    /// Words with slashes, the general first: `matmul/nt/512x512x512`.
    String name();

    /// Whether it takes so long that a short run leaves it out.
    default boolean large() {
        return false;
    }
}
