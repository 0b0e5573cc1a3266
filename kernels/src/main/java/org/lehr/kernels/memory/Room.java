package org.lehr.kernels.memory;

import java.lang.foreign.MemorySegment;

/// Memory that one [Slab] has taken.
interface Room {

    /// What a storage refers to: a new segment for `bytes` bytes from `place` on. Where the host cannot read them
    /// it is
    /// of size 0 and stands for their address.
    MemorySegment segment(long place, long bytes);

    /// Returns the memory to where it came from.
    void close();

    /// Where slabs find room.
    interface Source {

        /// Room for `count` blocks of `size` bytes side by side; null where there is none.
        Room take(long size, int count);

        /// The device that the memory belongs to; null for the host's.
        String device();

        /// The system property that limits it.
        String property();
    }
}
