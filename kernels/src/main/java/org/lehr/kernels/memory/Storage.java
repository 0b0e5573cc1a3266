package org.lehr.kernels.memory;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;

/// A handle on a piece of memory of fixed size.
///
/// A handle is used for one allocation only: after [#release] it is dead for ever, even though its memory serves
/// again under a new handle. Nobody has to release anything: see [Pool] for the three ways back.
///
/// Whoever works on [#segment] must keep the handle or that segment reachable while doing so; a slice of the segment
/// alone does not hold the memory. Handles may be used by any thread; [#version] is not synchronised.
public final class Storage {

    private final Lease lease;
    private final String device;
    private volatile MemorySegment segment;
    private volatile Deferral deferral;
    private long version;

    private Storage(MemorySegment segment, Lease lease) {
        this(segment, lease, null);
    }

    /// @param device whose memory it is, null for the host's
    Storage(MemorySegment segment, Lease lease, String device) {
        this.segment = segment;
        this.lease = lease;
        this.device = device;
    }

    /// A handle on memory that does not come from a pool, such as a mapped file. Releasing it ends the use through
    /// this handle and nothing else: the memory stays what it is.
    public static Storage of(MemorySegment segment, String owner) {
        return new Storage(segment, new Lease(segment, null, null, segment.byteSize(), owner));
    }

    /// A handle whose memory is taken, and filled by `producer`, when somebody first asks for it. It belongs to the
    /// thread's current [Scope] like any other.
    ///
    /// Until then `reads`, what it will be computed from, keep their contents: their memory goes back later than
    /// they are released, and whoever overwrites one says so first by [#settle].
    ///
    /// @throws ReleasedMemoryException when one of `reads` was released
    public static Storage deferred(long bytes, String owner, Producer producer, List<Storage> reads) {
        Storage storage = new Storage(null, new Lease(null, null, null, bytes, owner));
        storage.deferral = Deferral.of(storage, producer, reads);
        Scope scope = Scope.innermost();
        if (scope != null) {
            scope.add(storage.lease);
        }
        return storage;
    }

    /// The memory, exactly [#byteSize] bytes long.
    ///
    /// @throws ReleasedMemoryException when this handle was released
    /// @throws MemoryExhaustedException when it was deferred and there is no room for it
    /// @throws IllegalStateException when it is memory of a device, which the host cannot read
    public MemorySegment segment() {
        lease.checkLive();
        if (device != null) {
            throw new IllegalStateException("segment: " + this + " is memory of the device " + device
                    + ", which the host cannot read; copy it by the backend's download");
        }
        MemorySegment memory = segment;
        if (memory == null) {
            complete();
            memory = segment;
            lease.checkLive();
        }
        return memory;
    }

    /// Where memory of a device begins there.
    ///
    /// @throws ReleasedMemoryException when this handle was released
    /// @throws IllegalStateException when it is the host's memory
    public long address() {
        lease.checkLive();
        if (device == null) {
            throw new IllegalStateException("address: " + this + " is memory of the host, not of a device");
        }
        return segment.address();
    }

    /// The device whose memory it is; null for the host's.
    public String device() {
        return device;
    }

    /// [#segment] up to the end of its last [Pool#ALIGNMENT] bytes, where whole vectors can be read and written
    /// although
    /// it is shorter: what follows it there means nothing. Null for memory that does not come from a pool.
    public MemorySegment padded() {
        segment();
        Block block = lease.memory();
        return block == null ? null : block.segment();
    }

    /// Computes the contents if they were [deferred][#deferred], so that [#segment] is at once where they are.
    ///
    /// @throws MemoryExhaustedException when there is no room for them
    public void complete() {
        Deferral waiting = deferral;
        if (waiting != null) {
            waiting.complete();
        }
    }

    /// What will compute the contents; null when they are there.
    public Producer producer() {
        Deferral waiting = deferral;
        return waiting == null ? null : waiting.producer();
    }

    /// Shows how the contents will be computed to `user`, who may compute from it what else it likes: what the plan
    /// reads stays as it is meanwhile. Returns false, without calling it, when the contents are there.
    public boolean peek(Consumer<Producer.Plan> user) {
        Deferral waiting = deferral;
        return waiting != null && waiting.peek(user);
    }

    /// Another handle on the memory of this one, which may have been released but is still read by a computation to
    /// come. For the [Producer] of that.
    public Storage underlying() {
        return of(segment, owner());
    }

    /// To be called before the contents are overwritten: does the computations that were deferred and read them.
    public void settle() {
        complete();
        if (lease.readers != null) {
            Deferral.settle(lease);
        }
    }

    void fill(Storage made) {
        segment = made.segment;
        lease.fill(made.lease);
        deferral = null;
    }

    /// Size as asked for, in bytes.
    public long byteSize() {
        return lease.bytes();
    }

    /// What the memory was asked for, for messages.
    public String owner() {
        return lease.owner();
    }

    /// Gives the memory back at once. Doing it again has no effect.
    public void release() {
        lease.release();
    }

    /// Whether the memory went back, by [#release] or by the end of its [Scope].
    public boolean isReleased() {
        return lease.isReleased();
    }

    /// How many times [#written] was called: what was saved for later compares it to notice a change.
    public long version() {
        return version;
    }

    /// Notes that the contents changed after they were first complete.
    public void written() {
        version++;
        lease.touched = null;
    }

    /// What is known of the contents, null for nothing.
    public Touched touched() {
        return lease.touched;
    }

    /// Notes that the contents are zero everywhere, by a kernel that has just cleared them.
    public void cleared() {
        lease.touched = Touched.nowhere(lease.bytes());
    }

    /// Notes, instead of [#written], that of contents of which something is known only these rows are written. What
    /// is
    /// known ends where they are many.
    public void touched(long rowBytes, long... rows) {
        Touched before = lease.touched;
        boolean takes = before != null && before.takes(rowBytes, rows.length);
        version++;
        lease.touched = takes ? before.and(rowBytes, rows) : null;
    }

    Lease lease() {
        return lease;
    }

    @Override
    public String toString() {
        return "storage of " + lease.bytes() + " bytes for " + lease.owner() + (isReleased() ? ", released" : "");
    }
}
