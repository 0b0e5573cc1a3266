package org.lehr.cuda.ptx;

import java.util.Arrays;

/// Who touched memory when: a number for every stretch of a thread between two barriers.
///
/// The threads of a warp have neighbouring numbers, `32 · stretch + lane`. The first 32 numbers stand for the host. Two
/// threads of a block are ordered when a barrier of the block lies between their stretches, threads of a warp also when
/// a barrier of the warp does; threads of different blocks of a launch only by [Fences], and launches always.
final class History {

    /// A touch by the host; 0 is none.
    static final int HOST = 1;

    /// The bits of a number; those above them are free for what is remembered beside it.
    static final int NUMBER = (1 << 29) - 1;

    private int[] blocks = new int[1024];
    private int[] warps = new int[1024];
    private int[] blockBarriers = new int[1024];
    private int[] warpBarriers = new int[1024];
    private final Fences fences = new Fences();
    private int firstOfLaunch = 1;
    private int next = 1;

    /// Begins a launch.
    ///
    /// @return whether there are numbers for it; else all memory has to forget first, with [#forget]
    boolean launch() {
        firstOfLaunch = next;
        fences.clear();
        return next < (NUMBER >> 5) / 2;
    }

    void forget() {
        next = 1;
        firstOfLaunch = 1;
    }

    /// The number of lane 0 in a new stretch of a warp.
    int open(int block, int warp, int blockBarrier, int warpBarrier) {
        int index = next - firstOfLaunch;
        if (index == blocks.length) {
            blocks = Arrays.copyOf(blocks, 2 * index);
            warps = Arrays.copyOf(warps, 2 * index);
            blockBarriers = Arrays.copyOf(blockBarriers, 2 * index);
            warpBarriers = Arrays.copyOf(warpBarriers, 2 * index);
        }
        blocks[index] = block;
        warps[index] = warp;
        blockBarriers[index] = blockBarrier;
        warpBarriers[index] = warpBarrier;
        return next++ << 5;
    }

    /// A block lets others see what it did, and sees what others did.
    void fence(int block) {
        fences.fence(block, next << 5);
    }

    /// A block touches global memory such that others notice.
    void access(int block) {
        fences.access(block, next << 5);
    }

    /// Whether a number belongs to the launch that runs.
    boolean current(int number) {
        return number >>> 5 >= firstOfLaunch;
    }

    /// Whether nothing orders two different numbers of this launch, the first of which is the older.
    boolean concurrent(int one, int other) {
        int a = (one >>> 5) - firstOfLaunch;
        int b = (other >>> 5) - firstOfLaunch;
        if (blocks[a] != blocks[b]) {
            return !fences.order(one, blocks[a], blocks[b]);
        }
        if (warps[a] == warps[b] && (one & 31) == (other & 31) || blockBarriers[a] != blockBarriers[b]) {
            return false;
        }
        return warps[a] != warps[b] || warpBarriers[a] == warpBarriers[b];
    }

    boolean sameBlock(int one, int other) {
        return block(one) == block(other);
    }

    boolean sameStretch(int one, int other) {
        return blockBarriers[(one >>> 5) - firstOfLaunch] == blockBarriers[(other >>> 5) - firstOfLaunch];
    }

    int block(int number) {
        return blocks[(number >>> 5) - firstOfLaunch];
    }

    int thread(int number) {
        return warps[(number >>> 5) - firstOfLaunch] * Warp.LANES + (number & 31);
    }
}
