package org.lehr.kernels.scan;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.matmul.Matrix;

/// Where the numbers between the times of a chunk are in scratch memory. The first three are `[i, j]` for times
/// `j ≤ i`, in rows of whole vectors; the rest has a number for each time, in bytes.
///
/// @param gram `C·Bᵀ`, what times say to each other before decay
/// @param weights `gram` with decays; backwards first its gradient
/// @param dGram gradient of `gram`
/// @param sums for each `j`, gradients of exponents between it and the times walked over so far
/// @param high sums of logarithms of decays
/// @param low what rounding took from `high`
record DualPlaces(MemorySegment memory, Matrix gram, Matrix weights, Matrix dGram, long sums, long high, long low) {}
