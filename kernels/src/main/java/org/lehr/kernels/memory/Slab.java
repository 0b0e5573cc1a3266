package org.lehr.kernels.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/// Memory from the operating system in one arena, cut into equal blocks of one shelf: many where blocks are small,
/// one where they are large. It goes back to the operating system when all its blocks are on the shelf.
final class Slab {

    private static final long PAGE = 4096;
    private static final long SMALLEST_PAGED = 256 << 10;

    /// Large blocks begin at different multiples of this, three pages, in their slabs.
    ///
    /// A core of AMD looks a line up in its first-level cache by a hash of the address' bits 12 to 27 (Lipp et al.,
    /// "Take A Way", 2020), in which some bits cancel each other: two arrays at a distance of 256 MiB, read side by
    /// side, drive each other out line by line, and a sweep over them takes up to three times as long. As malloc's
    /// arenas lie on multiples of 64 MiB, arrays in the gaps between them have such distances in every third
    /// process.
    private static final long COLOUR = 3 * PAGE;

    private static final long COLOURS = 16;

    /// At most one part in this many of a block is left unused for its colour.
    private static final long SHARE = 32;

    private static final AtomicInteger MADE = new AtomicInteger();

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
        // Memory comes from below a boundary as often as from above one: all blocks of a size need the same room.
        long colours = Math.clamp(size / (SHARE * COLOUR), 1, COLOURS);
        MemorySegment memory = arena.allocate(size * count + (colours - 1) * COLOUR, alignment);
        HugePages.back(memory);
        long first = colours == 1 ? 0 : Integer.toUnsignedLong(MADE.getAndIncrement()) % colours * COLOUR;
        blocks = new Block[count];
        for (int i = 0; i < count; i++) {
            blocks[i] = new Block(this, memory.asSlice(first + i * size, size));
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
