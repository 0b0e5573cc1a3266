package org.lehr.kernels.memory;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;

/// The pool's side of a [Storage]: which block is out, for whom, and how it comes back when nobody says so.
///
/// The reference follows the segment, not the handle: a kernel that has taken the segment keeps the block from being
/// lent again even when the handle itself is already unreachable.
final class Lease extends PhantomReference<MemorySegment> {

    private static final VarHandle RELEASED;

    static {
        try {
            RELEASED = MethodHandles.lookup().findVarHandle(Lease.class, "released", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /// Neighbours in the shelf's list of what is out, guarded by the shelf; the list keeps this reference
    /// reachable.
    Lease previous;

    Lease next;

    /// The scope that ends this lease, or null. Written by the scope's thread, or by the one that detaches.
    volatile Scope scope;

    /// What is known of the contents, null for nothing. Whoever writes to the memory says so by the storage.
    volatile Touched touched;

    private final Block block;
    private final long bytes;
    private final String owner;
    private volatile boolean released;

    Lease(MemorySegment segment, ReferenceQueue<MemorySegment> queue, Block block, long bytes, String owner) {
        super(segment, queue);
        this.block = block;
        this.bytes = bytes;
        this.owner = owner;
    }

    Block block() {
        return block;
    }

    long bytes() {
        return bytes;
    }

    String owner() {
        return owner;
    }

    boolean isReleased() {
        return released;
    }

    /// Returns the block to its shelf, once.
    void release() {
        if (RELEASED.compareAndSet(this, false, true) && block != null) {
            clear();
            block.slab().shelf().giveBack(this);
        }
    }
}
