package org.lehr.kernels.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/// Memory from the operating system, in an arena of its own.
final class HostRoom implements Room {

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

    static final Source SOURCE = new Source() {
        @Override
        public Room take(long size, int count) {
            try {
                return new HostRoom(size, count);
            } catch (OutOfMemoryError e) {
                return null;
            }
        }

        @Override
        public String device() {
            return null;
        }

        @Override
        public String property() {
            return MemoryLimit.PROPERTY;
        }
    };

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final long first;

    private HostRoom(long size, int count) {
        // Large blocks begin on pages: loads and stores at the same place of two blocks then never share the low bits
        // of an address by accident, at which a load waits for an earlier store.
        long alignment = size > SMALLEST_PAGED ? PAGE : Pool.ALIGNMENT;
        // Memory comes from below a boundary as often as from above one: all blocks of a size need the same room.
        long colours = Math.clamp(size / (SHARE * COLOUR), 1, COLOURS);
        memory = arena.allocate(size * count + (colours - 1) * COLOUR, alignment);
        HugePages.back(memory);
        first = colours == 1 ? 0 : Integer.toUnsignedLong(MADE.getAndIncrement()) % colours * COLOUR;
    }

    @Override
    public MemorySegment segment(long place, long bytes) {
        return memory.asSlice(first + place, bytes);
    }

    @Override
    public void close() {
        arena.close();
    }
}
