package org.lehr.kernels.scan;

import java.lang.foreign.MemorySegment;

/// Where a vector of channels has its numbers in scratch memory, in bytes. A row is a vector.
///
/// @param a decay rates in units of `ln 2`, a row for each state
/// @param h the state
/// @param width `Δ`, a row for each time, as all that follow up to `dDrive`
/// @param drive `Δ·u`
/// @param y the result before the gate
/// @param slope gradient of `y`
/// @param trace states before the first time, then after each time: a row for each state of each
/// @param decays factors of the state, a row for each state of each time, as `sumB` and `sumC`
/// @param carry gradient of the state, a row for each state, as `sumA`
record Places(
        MemorySegment memory,
        long a,
        long h,
        long width,
        long drive,
        long y,
        long slope,
        long dWidth,
        long dDrive,
        long trace,
        long decays,
        long sumB,
        long sumC,
        long carry,
        long sumA) {}
