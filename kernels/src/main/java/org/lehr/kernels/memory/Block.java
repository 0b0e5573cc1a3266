package org.lehr.kernels.memory;

import java.lang.foreign.MemorySegment;

/// A piece of a slab, lent as a whole.
final class Block {

    /// What is known of its contents while it waits, null for nothing; guarded by the shelf.
    Touched touched;

    private final Slab slab;
    private final MemorySegment segment;

    Block(Slab slab, MemorySegment segment) {
        this.slab = slab;
        this.segment = segment;
    }

    Slab slab() {
        return slab;
    }

    MemorySegment segment() {
        return segment;
    }
}
