package org.lehr.kernels.memory;

/// Memory from one [Room], cut into equal blocks of one shelf: many where blocks are small, one where they are large.
/// It
/// goes back to where it came from when all its blocks are on the shelf.
final class Slab {

    /// Blocks on the shelf, guarded by the shelf.
    int free;

    private final Shelf shelf;
    private final Room room;
    private final Block[] blocks;

    Slab(Shelf shelf, Room room, int count) {
        this.shelf = shelf;
        this.room = room;
        blocks = new Block[count];
        for (int i = 0; i < count; i++) {
            blocks[i] = new Block(this, i * shelf.blockBytes());
        }
    }

    Shelf shelf() {
        return shelf;
    }

    Room room() {
        return room;
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
        room.close();
    }
}
