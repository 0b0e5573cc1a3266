package org.lehr.kernels.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Memory from the operating system in one arena, cut into equal blocks of one shelf: many where blocks are small,
/// one where they are large. It goes back to the operating system when all its blocks are on the shelf.
final class Slab {

    private static final long PAGE = 4096;
    private static final long SMALLEST_PAGED = 256 << 10;

    /// Blocks on the shelf, guarded by the shelf.
    int free;

    private final Shelf shelf;
    private final Arena arena = Arena.ofShared();
    private final Block[] blocks;

    Slab(Shelf shelf, int count) {
        this.shelf = shelf;
        long size = shelf.blockBytes();
        // Large blocks begin on pages: loads and stores at the same place of two blocks then never share the low bits
        // of an address by accident, at which a load waits for an earlier store.
        long alignment = size > SMALLEST_PAGED ? PAGE : Pool.ALIGNMENT;
        MemorySegment memory = arena.allocate(size * count, alignment);
        HugePages.back(memory);
        blocks = new Block[count];
        for (int i = 0; i < count; i++) {
            blocks[i] = new Block(this, memory.asSlice(i * size, size));
        }
    }

    Shelf shelf() {
        return shelf;
    }

    Block[] blocks() {
        return blocks;
    }

    long bytes() {
        return shelf.blockBytes() * blocks.length;
    }

    boolean isIdle() {
        return free == blocks.length;
    }

    void close() {
        arena.close();
    }
}
