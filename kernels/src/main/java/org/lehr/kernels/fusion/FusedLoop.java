package org.lehr.kernels.fusion;

import java.lang.foreign.MemorySegment;

/// A loop over dense runs of values of one compute dtype that does several operations at each place.
///
/// Which ones, and what it reads and writes, is its [LoopShape]; the implementations are written by [LoopWriter].
interface FusedLoop {

    /// @param bodies the operations, instances of the classes that the shape names
    /// @param memory where the loaded values stand, followed by where results go
    /// @param places for each of `memory`, where its first value stands, in bytes
    /// @param n how many values; whole vectors in a loop over lanes
    void run(Object[] bodies, MemorySegment[] memory, long[] places, int n);
}
