package org.lehr.kernels.memory;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;

/// The pool's side of a [Storage]: which block is out, for whom, and how it comes back when nobody says so.
///
/// The reference follows the segment, not the handle: a kernel that has taken the segment keeps the block from being
/// lent again even when the handle itself is already unreachable.
final class Lease extends PhantomReference<MemorySegment> {

    private static final VarHandle STATE;
    private static final int LIVE = 0;
    /// Released, but read by computations still to come.
    private static final int RELEASED = 1;
    private static final int RETURNED = 2;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Lease.class, "state", int.class);
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
    private volatile int state;

    /// The computations still to come that read this memory, null as long as there were none; see [Deferral].
    volatile Deferral.Readers readers;

    /// The computation of the contents, of a storage that had none when it was made.
    volatile WeakReference<Deferral> pending;

    /// Where the contents of such a storage are; null before there are any.
    private volatile Lease contents;

    Lease(MemorySegment segment, ReferenceQueue<MemorySegment> queue, Block block, long bytes, String owner) {
        super(segment, queue);
        this.block = block;
        this.bytes = bytes;
        this.owner = owner;
    }

    Block block() {
        return block;
    }

    /// The block with the contents; null where there are none, or they do not come from a pool.
    Block memory() {
        Lease filled = contents;
        return filled == null ? block : filled.block;
    }

    long bytes() {
        return bytes;
    }

    String owner() {
        return owner;
    }

    boolean isReleased() {
        return state != LIVE;
    }

    boolean isReturned() {
        return state == RETURNED;
    }

    void checkLive() {
        if (state != LIVE) {
            throw new ReleasedMemoryException(owner, bytes);
        }
    }

    /// Returns the block to its shelf, once; later where computations still to come read it.
    void release() {
        if (readers == null && pending == null) {
            if (state == LIVE) {
                giveBack();
            }
        } else if (STATE.compareAndSet(this, LIVE, RELEASED)) {
            Deferral.released(this);
        }
    }

    /// Returns the block to its shelf, once. Also for memory that has become unreachable, with all that would read
    /// it.
    void giveBack() {
        if ((int) STATE.getAndSet(this, RETURNED) == RETURNED) {
            return;
        }
        if (block != null) {
            clear();
            block.slab().shelf().giveBack(this);
        }
        Lease filled = contents;
        if (filled != null) {
            filled.giveBack();
        }
    }

    /// Says where the contents are that were computed late.
    void fill(Lease filled) {
        contents = filled;
        if (state == RETURNED) {
            filled.giveBack();
        }
    }
}
