package org.lehr.kernels.memory;

/// What a pool has, in bytes of whole blocks.
///
/// @param outstanding held by storages
/// @param pooled waiting for the next use
/// @param peak most that was outstanding at once, since the last [Pool#resetPeak]
/// @param limit most that the pool may have, outstanding and pooled together
public record MemoryStatistics(long outstanding, long pooled, long peak, long limit) {}
