package org.lehr.cuda.ptx;

/// A kernel with what it is launched with.
///
/// @param shared bytes that a launch adds to the memory of each block
record Launch(
        Program program,
        Extent blocks,
        Extent threads,
        int shared,
        byte[] parameters,
        GlobalMemory memory,
        History history,
        long stepLimit) {}
