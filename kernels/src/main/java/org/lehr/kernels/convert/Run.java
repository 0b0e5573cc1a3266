package org.lehr.kernels.convert;

import java.lang.foreign.MemorySegment;

/// Values of a compute dtype that stand one after the other in memory, or one value that stands for all of them.
///
/// @param segment the memory
/// @param offset where in it the first value stands, in bytes
/// @param step elements from one value to the next: 1, or 0 for a repeated value, which then stands there 16 times
public record Run(MemorySegment segment, long offset, int step) {}
