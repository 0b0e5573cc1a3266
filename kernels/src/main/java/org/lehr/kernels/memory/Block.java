package org.lehr.kernels.memory;

import java.lang.foreign.MemorySegment;

/// A piece of a slab, lent as a whole.
final class Block {

    /// What is known of its contents while it waits, null for nothing; guarded by the shelf.
    Touched touched;

    private final Slab slab;
    private final long place;

    /// @param place bytes of the slab before it
    Block(Slab slab, long place) {
        this.slab = slab;
        this.place = place;
    }

    Slab slab() {
        return slab;
    }

    /// All of it.
    MemorySegment segment() {
        return segment(slab.shelf().blockBytes());
    }

    /// Its first `bytes` bytes.
    MemorySegment segment(long bytes) {
        return slab.room().segment(place, bytes);
    }
}
