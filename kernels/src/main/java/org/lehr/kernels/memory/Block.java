package org.lehr.kernels.memory;

import java.lang.foreign.MemorySegment;

/// A piece of a slab, lent as a whole.
record Block(Slab slab, MemorySegment segment) {}
