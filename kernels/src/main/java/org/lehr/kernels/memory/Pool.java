package org.lehr.kernels.memory;

import java.lang.foreign.MemorySegment;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/// Off-heap memory up to a stated limit, kept for the next use instead of being returned to the operating system.
///
/// Memory comes back in three ways. [Storage#release] says so at once. The end of a [Scope] returns what was
/// allocated inside it. What slips through both is found by the garbage collector: the pool follows each storage with
/// a phantom reference and asks for a collection when [#COLLECT_SHARE] of the limit is out, and again each time that
/// half of the
/// rest is taken, as the JDK does for direct buffers. Only when all that gives too little, [MemoryExhaustedException]
/// says who holds how much.
///
/// Blocks are aligned to 64 bytes and not cleared. Any thread may allocate and release.
public final class Pool {

    /// Alignment of every storage, in bytes: a cache line, and the widest vector.
    public static final long ALIGNMENT = 64;

    /// Share of the limit that may be out before the pool first asks for a collection.
    public static final double COLLECT_SHARE = 0.6;

    private static final int COLLECTION_PATIENCE_MILLIS = 500;
    private static final int COLLECTIONS = 3;
    private static final Object HOST_LOCK = new Object();
    private static volatile Pool host;

    private final Room.Source source;
    private final long limit;
    private final boolean mayCollect;
    private final Shelf[] shelves = new Shelf[SizeClasses.COUNT];
    private final ReferenceQueue<MemorySegment> unreachable = new ReferenceQueue<>();
    private final AtomicLong committed = new AtomicLong();
    private final AtomicLong outstanding = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();
    private final AtomicInteger inNeed = new AtomicInteger();
    private final ReentrantLock collecting = new ReentrantLock(true);
    private volatile long collectAt;

    private Pool(Room.Source source, long limit) {
        this.source = source;
        this.limit = limit;
        mayCollect = !MemoryLimit.explicitCollectionDisabled();
        collectAt = (long) (limit * COLLECT_SHARE);
        for (int i = 0; i < shelves.length; i++) {
            shelves[i] = new Shelf(this, SizeClasses.blockBytes(i));
        }
    }

    /// The pool of the machine's main memory. Its limit is the system property `lehr.memory`: bytes (`1000000`,
    /// `512m`, `4g`) or a share of the machine's memory (`40%`); 60% unless said otherwise.
    ///
    /// @throws IllegalArgumentException when the property cannot be read as one of these
    public static Pool host() {
        Pool pool = host;
        return pool != null ? pool : makeHost();
    }

    private static Pool makeHost() {
        synchronized (HOST_LOCK) {
            if (host == null) {
                host = new Pool(HostRoom.SOURCE, MemoryLimit.ofHost());
            }
            return host;
        }
    }

    /// A pool of its own that never takes more than `limit` bytes from the operating system.
    public static Pool withLimit(long limit) {
        if (limit < 0) {
            throw new IllegalArgumentException("pool: the limit must not be negative, got " + limit);
        }
        return new Pool(HostRoom.SOURCE, limit);
    }

    /// A pool of a device's memory. Its limit is a system property as for [#host]: bytes, or a share of what the
    /// device has; all but a tenth of it unless said otherwise.
    ///
    /// @param property the property's name
    /// @param bytes what the device has
    /// @throws IllegalArgumentException when the property cannot be read as one of these
    public static Pool ofDevice(DeviceMemory memory, String property, long bytes) {
        return new Pool(new DeviceRoom.Device(memory, property), MemoryLimit.ofDevice(property, bytes));
    }

    /// Memory of `bytes` bytes with any contents, belonging to the thread's current [Scope] if there is one.
    ///
    /// @param owner what the memory is for, in a word or two, for the message when memory runs out
    /// @throws MemoryExhaustedException when the limit leaves no room, even after a collection
    public Storage allocate(long bytes, String owner) {
        return allocate(bytes, owner, false);
    }

    /// As [#allocate(long, String)], but memory of which [Storage#touched] tells what is not zero, where there is
    /// any.
    public Storage allocateKnown(long bytes, String owner) {
        return allocate(bytes, owner, true);
    }

    private Storage allocate(long bytes, String owner, boolean known) {
        if (bytes < 0 || bytes > SizeClasses.LARGEST) {
            throw new IllegalArgumentException("allocate: cannot take " + bytes + " bytes for " + owner);
        }
        drain();
        Shelf shelf = shelves[SizeClasses.index(bytes)];
        if (outstanding.get() + shelf.blockBytes() > collectAt) {
            relievePressure();
        }
        Storage storage = inNeed.get() == 0 ? shelf.lend(bytes, owner, known) : null;
        if (storage == null) {
            storage = lendNew(shelf, bytes, owner);
        }
        long now = outstanding.addAndGet(shelf.blockBytes());
        if (now > peak.get()) {
            peak.accumulateAndGet(now, Math::max);
        }
        Scope scope = Scope.innermost();
        if (scope != null) {
            scope.add(storage.lease());
        }
        return storage;
    }

    /// What is out, waiting, was out at most, and may be taken.
    public MemoryStatistics statistics() {
        drain();
        long out = outstanding.get();
        return new MemoryStatistics(out, Math.max(0, committed.get() - out), peak.get(), limit);
    }

    /// Starts a new measurement of the peak, at what is out now.
    public void resetPeak() {
        peak.set(outstanding.get());
    }

    /// Returns everything that waits to the operating system; tells how many bytes that was.
    public long trim() {
        drain();
        return trim(Long.MAX_VALUE);
    }

    /// Asks for a garbage collection and takes back the memory of all storages that nobody can reach any more.
    public void collect() {
        collecting.lock();
        try {
            drain();
            if (mayCollect) {
                collectAndDrain();
            }
            long out = outstanding.get();
            collectAt = Math.max((long) (limit * COLLECT_SHARE), out + Math.max((limit - out) / 2, limit / 16));
        } finally {
            collecting.unlock();
        }
    }

    ReferenceQueue<MemorySegment> unreachable() {
        return unreachable;
    }

    String device() {
        return source.device();
    }

    void returned(long blockBytes) {
        outstanding.addAndGet(-blockBytes);
    }

    /// A storage from a new slab; where that does not fit, from what others leave behind. A thread in need keeps
    /// the
    /// others from taking what it finds: they queue here too until it is served, so that memory is only called
    /// exhausted when a collection has found too little for this request.
    private Storage lendNew(Shelf shelf, long bytes, String owner) {
        Storage storage = inNeed.get() == 0 ? fromNewSlab(shelf, shelf.blocksPerSlab(), bytes, owner) : null;
        if (storage != null) {
            return storage;
        }
        inNeed.incrementAndGet();
        collecting.lock();
        try {
            drain();
            storage = lendLeftOver(shelf, bytes, owner);
            for (int i = 0; storage == null && i < COLLECTIONS && (i == 0 || hasRoom(shelf)); i++) {
                collect();
                storage = lendLeftOver(shelf, bytes, owner);
            }
            if (storage == null) {
                throw new MemoryExhaustedException(
                        bytes, owner, statistics(), Owners.of(shelves), source.property(), mayCollect);
            }
            return storage;
        } finally {
            collecting.unlock();
            inNeed.decrementAndGet();
        }
    }

    /// False when live storages leave no room; true also when a thread that was already under way took it.
    private boolean hasRoom(Shelf shelf) {
        return outstanding.get() + shelf.blockBytes() <= limit;
    }

    private Storage lendLeftOver(Shelf shelf, long bytes, String owner) {
        Storage storage = shelf.lend(bytes, owner, false);
        if (storage == null) {
            trim(committed.get() + shelf.blockBytes() - limit);
            storage = fromNewSlab(shelf, 1, bytes, owner);
        }
        return storage;
    }

    /// A storage from a new slab of `count` blocks; null when the limit, or the operating system, does not allow
    /// it.
    private Storage fromNewSlab(Shelf shelf, int count, long bytes, String owner) {
        long slabBytes = shelf.blockBytes() * count;
        if (!commit(slabBytes)) {
            return null;
        }
        Room room = source.take(shelf.blockBytes(), count);
        if (room == null) {
            committed.addAndGet(-slabBytes);
            return null;
        }
        return shelf.stock(new Slab(shelf, room, count), bytes, owner);
    }

    private boolean commit(long bytes) {
        long now;
        do {
            now = committed.get();
            if (now + bytes > limit) {
                return false;
            }
        } while (!committed.compareAndSet(now, now + bytes));
        return true;
    }

    /// Large blocks first: each of them frees much, and small ones are soon wanted again.
    private long trim(long wanted) {
        long bytes = 0;
        for (int i = shelves.length - 1; i >= 0 && bytes < wanted; i--) {
            long given = shelves[i].trim(wanted - bytes);
            committed.addAndGet(-given);
            bytes += given;
        }
        return bytes;
    }

    private void relievePressure() {
        if (collecting.tryLock()) {
            try {
                collect();
            } finally {
                collecting.unlock();
            }
        }
    }

    private void drain() {
        for (Reference<?> found = unreachable.poll(); found != null; found = unreachable.poll()) {
            takeBack(found);
        }
    }

    /// References are enqueued some time after the collection that cleared them. One to an object that is certainly
    /// garbage tells when that has begun; an empty queue after it tells when it has ended.
    private void collectAndDrain() {
        Witness witness = new Witness(unreachable);
        System.gc();
        long deadline = System.nanoTime() + COLLECTION_PATIENCE_MILLIS * 1_000_000L;
        boolean interrupted = false;
        boolean ended = false;
        while (!ended && System.nanoTime() < deadline) {
            try {
                Reference<?> found = unreachable.remove(1);
                takeBack(found);
                ended = found == null && witness.seen;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void takeBack(Reference<?> found) {
        switch (found) {
            case Lease lease -> lease.giveBack();
            case Witness witness -> witness.seen = true;
            case null, default -> {}
        }
    }

    /// Follows an object that is garbage from the start. Any thread may find it in the queue.
    private static final class Witness extends PhantomReference<MemorySegment> {

        private volatile boolean seen;

        private Witness(ReferenceQueue<MemorySegment> queue) {
            super(MemorySegment.ofArray(new byte[0]), queue);
        }
    }
}
