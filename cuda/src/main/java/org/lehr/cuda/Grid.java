package org.lehr.cuda;

/// The threads that run a kernel: blocks in three dimensions, of threads in one.
///
/// @param x blocks along the first dimension, at most 2³¹ − 1
/// @param y blocks along the second, at most 65,535
/// @param z blocks along the third, at most 65,535
/// @param threads of each block, at most 1,024
/// @param shared bytes of memory that the threads of a block share, besides what the kernel declares
record Grid(int x, int y, int z, int threads, int shared) {

    private static final int MOST_BLOCKS = 65_535;
    private static final int MOST_THREADS = 1_024;

    Grid {
        if (x < 1 || y < 1 || z < 1 || y > MOST_BLOCKS || z > MOST_BLOCKS) {
            throw new IllegalArgumentException("grid: " + x + "x" + y + "x" + z
                    + " blocks, expected at least one in each dimension and at most 65535 in the last two");
        }
        if (threads < 1 || threads > MOST_THREADS || shared < 0) {
            throw new IllegalArgumentException("grid: blocks of " + threads + " threads with " + shared
                    + " shared bytes, expected 1 to 1024" + " threads and no negative number of bytes");
        }
    }

    /// Blocks in one dimension.
    static Grid of(int blocks, int threads) {
        return new Grid(blocks, 1, 1, threads, 0);
    }
}
