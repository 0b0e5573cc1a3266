package org.lehr.kernels.parallel;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// The threads, and the board where callers post their jobs. Threads are started when a job first wants them.
final class Crew {

    static final Crew SHARED = new Crew();

    /// How long a thread looks for work before it sleeps; after [#HOT_NANOS] it offers its core to others
    /// meanwhile.
    ///
    /// Kernels follow each other closely, and waking a thread takes long: some microseconds, and on a virtual
    /// machine
    /// the scheduler wakes it on the caller's own core, as the halted one counts as taken; threads that sleep
    /// between
    /// kernels then share a core for long, while those that stay awake are moved apart.
    static final long SPIN_NANOS = 2_000_000;

    /// How long a thread looks for work without offering its core.
    static final long HOT_NANOS = 20_000;

    private static final int JOBS = 64;
    private static final ThreadLocal<Boolean> INSIDE_PIECE = new ThreadLocal<>();

    private final AtomicReferenceArray<Job> board = new AtomicReferenceArray<>(JOBS);
    private volatile CrewThread[] threads = new CrewThread[0];

    /// Whether the calling thread is working on a piece.
    static boolean isInsidePiece() {
        return Thread.currentThread() instanceof CrewThread || INSIDE_PIECE.get() != null;
    }

    /// Passes a moment of a wait that began at `start`.
    static void pause(long start) {
        if (System.nanoTime() - start < HOT_NANOS) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }

    /// Works on `job` with the help of free threads until it is done.
    void run(Job job) {
        int place = post(job);
        INSIDE_PIECE.set(Boolean.TRUE);
        try {
            if (place >= 0) {
                wake(job.helpersWanted());
            }
            job.work();
        } finally {
            INSIDE_PIECE.remove();
            if (place >= 0) {
                board.set(place, null);
            }
        }
        job.finish();
    }

    /// A job that may use one more thread, which has joined it; null when there is none.
    Job find() {
        for (int i = 0; i < JOBS; i++) {
            Job job = board.get(i);
            if (job != null && job.join()) {
                return job;
            }
        }
        return null;
    }

    /// Puts the job where threads look; −1 when so many callers are at work that help is out of the question.
    private int post(Job job) {
        for (int i = 0; i < JOBS; i++) {
            if (board.get(i) == null && board.compareAndSet(i, null, job)) {
                return i;
            }
        }
        return -1;
    }

    private void wake(int wanted) {
        CrewThread[] all = threads;
        if (all.length < wanted) {
            all = hire(wanted);
        }
        for (int i = 0, woken = 0; i < all.length && woken < wanted; i++) {
            if (all[i].wake()) {
                woken++;
            }
        }
    }

    private synchronized CrewThread[] hire(int wanted) {
        int have = threads.length;
        if (have < wanted) {
            CrewThread[] more = Arrays.copyOf(threads, wanted);
            for (int i = have; i < wanted; i++) {
                more[i] = new CrewThread(this, "lehr-worker-" + (i + 1));
                more[i].start();
            }
            threads = more;
        }
        return threads;
    }
}
