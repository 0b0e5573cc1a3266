package org.lehr.kernels.memory;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// All blocks of one size: those waiting, last used first (still in cache), and the list of those that are out.
final class Shelf {

    private static final long SMALL_BLOCK = 32 << 10;
    private static final long SMALL_SLAB = 256 << 10;
    private static final int BLOCKS_PER_SLAB = 128;

    private final ReentrantLock lock = new ReentrantLock();
    private final Pool pool;
    private final long blockBytes;
    private final ArrayDeque<Block> waiting = new ArrayDeque<>();
    private Lease firstOut;

    Shelf(Pool pool, long blockBytes) {
        this.pool = pool;
        this.blockBytes = blockBytes;
    }

    long blockBytes() {
        return blockBytes;
    }

    /// How many blocks a new slab should have.
    int blocksPerSlab() {
        return blockBytes > SMALL_BLOCK ? 1 : (int) Math.min(BLOCKS_PER_SLAB, SMALL_SLAB / blockBytes);
    }

    /// Lends a waiting block; null when there is none.
    ///
    /// @param known whether to prefer a block of whose contents something is known to one of which nothing is
    Storage lend(long bytes, String owner, boolean known) {
        lock.lock();
        try {
            Block block = waiting.peekFirst();
            if (block != null && known != isKnown(block, bytes)) {
                for (Block other : waiting) {
                    if (known == isKnown(other, bytes)) {
                        block = other;
                        break;
                    }
                }
            }
            if (block == null) {
                return null;
            }
            waiting.remove(block);
            Touched touched = known && isKnown(block, bytes) ? block.touched : null;
            Storage storage = lend(block, bytes, owner);
            storage.lease().touched = touched;
            return storage;
        } finally {
            lock.unlock();
        }
    }

    private static boolean isKnown(Block block, long bytes) {
        return block.touched != null && block.touched.bytes() >= bytes;
    }

    /// Puts the blocks of a new slab here and lends the first.
    Storage stock(Slab slab, long bytes, String owner) {
        lock.lock();
        try {
            Block[] blocks = slab.blocks();
            slab.free = blocks.length;
            for (int i = blocks.length - 1; i > 0; i--) {
                waiting.addFirst(blocks[i]);
            }
            return lend(blocks[0], bytes, owner);
        } finally {
            lock.unlock();
        }
    }

    private Storage lend(Block block, long bytes, String owner) {
        MemorySegment segment = block.segment(bytes);
        Lease lease = new Lease(segment, pool.unreachable(), block, bytes, owner);
        block.slab().free--;
        block.touched = null;
        lease.next = firstOut;
        if (firstOut != null) {
            firstOut.previous = lease;
        }
        firstOut = lease;
        return new Storage(segment, lease, pool.device());
    }

    /// Takes back the block of a lease that has just ended.
    void giveBack(Lease lease) {
        lock.lock();
        try {
            if (lease.previous == null) {
                firstOut = lease.next;
            } else {
                lease.previous.next = lease.next;
            }
            if (lease.next != null) {
                lease.next.previous = lease.previous;
            }
            lease.previous = null;
            lease.next = null;
            lease.block().slab().free++;
            lease.block().touched = lease.touched;
            waiting.addFirst(lease.block());
        } finally {
            lock.unlock();
        }
        pool.returned(blockBytes);
    }

    /// Returns idle slabs to the operating system until `wanted` bytes are free, or there are none; tells how many
    /// bytes were.
    long trim(long wanted) {
        List<Slab> idle = new ArrayList<>();
        long bytes = 0;
        lock.lock();
        try {
            for (Block block : waiting) {
                Slab slab = block.slab();
                if (bytes < wanted && slab.isIdle() && block == slab.blocks()[0]) {
                    idle.add(slab);
                    bytes += slab.bytes();
                    slab.free = 0;
                }
            }
            if (!idle.isEmpty()) {
                waiting.removeIf(block -> block.slab().free == 0);
            }
        } finally {
            lock.unlock();
        }
        idle.forEach(Slab::close);
        return bytes;
    }

    void forEachOut(Consumer<Lease> action) {
        lock.lock();
        try {
            for (Lease lease = firstOut; lease != null; lease = lease.next) {
                action.accept(lease);
            }
        } finally {
            lock.unlock();
        }
    }
}
