package org.lehr.kernels.memory;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// The computation that a storage without contents waits for, and who reads what meanwhile.
///
/// Every storage knows the computations still to come that read it. While there are any, its memory stays where it is
/// even when it is released, and before it is overwritten they are done. They are known weakly: a computation whose
/// result nobody can reach any more is garbage like any other.
///
/// One lock guards all of this; it is never held while something is computed. Deferred storages are large, so it is
/// taken seldom.
final class Deferral {

    private static final ReentrantLock LOCK = new ReentrantLock();
    private static final Condition DONE = LOCK.newCondition();
    private static final int FEW = 8;

    /// Computations that read one storage.
    static final class Readers {
        private final List<WeakReference<Deferral>> all = new ArrayList<>();
        private int crowded = FEW;
    }

    private final WeakReference<Deferral> self = new WeakReference<>(this);
    private final Storage result;
    private final Producer producer;
    private List<Storage> reads;
    private boolean running;
    private boolean done;

    private Deferral(Storage result, Producer producer, List<Storage> reads) {
        this.result = result;
        this.producer = producer;
        this.reads = reads;
    }

    /// @throws ReleasedMemoryException when one of `reads` was released
    static Deferral of(Storage result, Producer producer, List<Storage> reads) {
        Deferral deferral = new Deferral(result, producer, reads);
        LOCK.lock();
        try {
            for (Storage storage : reads) {
                storage.lease().checkLive();
            }
            result.lease().pending = deferral.self;
            for (Storage storage : reads) {
                deferral.enter(storage.lease());
            }
            return deferral;
        } finally {
            LOCK.unlock();
        }
    }

    Producer producer() {
        return producer;
    }

    /// Computes the contents, or waits until another thread has.
    void complete() {
        Producer.Plan plan = begin();
        if (plan == null) {
            return;
        }
        Storage made = null;
        try {
            made = Scope.detach(plan.compute());
        } finally {
            end(plan, made);
        }
    }

    /// Shows the plan to `user`, while what it reads is kept; false when the contents are there.
    boolean peek(Consumer<Producer.Plan> user) {
        Producer.Plan plan;
        LOCK.lock();
        try {
            if (done) {
                return false;
            }
            plan = hold();
        } finally {
            LOCK.unlock();
        }
        try {
            user.accept(plan);
        } finally {
            LOCK.lock();
            try {
                plan.reads().forEach(storage -> leave(storage.lease()));
            } finally {
                LOCK.unlock();
            }
        }
        return true;
    }

    /// The plan; null when the contents are there.
    private Producer.Plan begin() {
        LOCK.lock();
        try {
            while (running) {
                DONE.awaitUninterruptibly();
            }
            if (done) {
                return null;
            }
            Producer.Plan plan = hold();
            running = true;
            return plan;
        } finally {
            LOCK.unlock();
        }
    }

    private Producer.Plan hold() {
        Producer.Plan plan = producer.plan();
        plan.reads().forEach(storage -> enter(storage.lease()));
        return plan;
    }

    private void end(Producer.Plan plan, Storage made) {
        LOCK.lock();
        try {
            running = false;
            if (made != null) {
                result.fill(made);
            }
            if (made != null || result.lease().isReturned()) {
                finish();
            }
            plan.reads().forEach(storage -> leave(storage.lease()));
            DONE.signalAll();
        } finally {
            LOCK.unlock();
        }
    }

    private void finish() {
        done = true;
        List<Storage> read = reads;
        reads = List.of();
        read.forEach(storage -> leave(storage.lease()));
    }

    private void enter(Lease lease) {
        Readers readers = lease.readers;
        if (readers == null) {
            readers = new Readers();
            lease.readers = readers;
        }
        if (readers.all.size() >= readers.crowded) {
            readers.all.removeIf(reader -> reader.get() == null);
            readers.crowded = Math.max(FEW, 2 * readers.all.size());
        }
        readers.all.add(self);
    }

    private void leave(Lease lease) {
        lease.readers.all.remove(self);
        if (lease.isReleased() && lease.readers.all.isEmpty()) {
            free(lease);
        }
    }

    /// Ends a lease that was just released, as soon as nothing reads its memory.
    static void released(Lease lease) {
        LOCK.lock();
        try {
            if (lease.readers != null) {
                lease.readers.all.removeIf(reader -> reader.get() == null);
            }
            if (lease.readers == null || lease.readers.all.isEmpty()) {
                free(lease);
            }
        } finally {
            LOCK.unlock();
        }
    }

    private static void free(Lease lease) {
        lease.giveBack();
        Deferral deferral = lease.pending == null ? null : lease.pending.get();
        if (deferral != null && !deferral.done && !deferral.running) {
            deferral.finish();
        }
    }

    /// Does every computation that reads the memory of `lease`, which is about to be overwritten.
    static void settle(Lease lease) {
        List<Storage> results = new ArrayList<>();
        LOCK.lock();
        try {
            collect(lease, results);
        } finally {
            LOCK.unlock();
        }
        results.forEach(Storage::complete);
    }

    /// A result that was released is wanted no more, but what is computed from it may be.
    private static void collect(Lease lease, List<Storage> results) {
        if (lease.readers == null) {
            return;
        }
        for (WeakReference<Deferral> reader : lease.readers.all) {
            Deferral deferral = reader.get();
            if (deferral != null && deferral.result.isReleased()) {
                collect(deferral.result.lease(), results);
            } else if (deferral != null) {
                results.add(deferral.result);
            }
        }
    }
}
