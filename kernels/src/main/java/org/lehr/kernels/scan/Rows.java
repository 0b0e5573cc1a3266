package org.lehr.kernels.scan;

import java.lang.foreign.MemorySegment;

/// Numbers at successive times, in bytes: those of time `t` begin at `at + t·step`.
record Rows(MemorySegment memory, long at, long step) {

    long row(int t) {
        return at + t * step;
    }
}
