package org.lehr.kernels.memory;

import java.lang.foreign.MemorySegment;

/// A handle on a piece of memory of fixed size.
///
/// A handle is used for one allocation only: after [#release] it is dead for ever, even though its memory serves
/// again under a new handle. Nobody has to release anything: see [Pool] for the three ways back.
///
/// Whoever works on [#segment] must keep the handle or that segment reachable while doing so; a slice of the segment
/// alone does not hold the memory. Handles may be used by any thread; [#version] is not synchronised.
public final class Storage {

    private final MemorySegment segment;
    private final Lease lease;
    private long version;

    Storage(MemorySegment segment, Lease lease) {
        this.segment = segment;
        this.lease = lease;
    }

    /// A handle on memory that does not come from a pool, such as a mapped file. Releasing it ends the use through
    /// this handle and nothing else: the memory stays what it is.
    public static Storage of(MemorySegment segment, String owner) {
        return new Storage(segment, new Lease(segment, null, null, segment.byteSize(), owner));
    }

    /// The memory, exactly [#byteSize] bytes long.
    ///
    /// @throws ReleasedMemoryException when this handle was released
    public MemorySegment segment() {
        if (lease.isReleased()) {
            throw new ReleasedMemoryException(lease.owner(), lease.bytes());
        }
        return segment;
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

    /// Notes, instead of [#written], that of contents of which something is known only these rows are written. What is
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
