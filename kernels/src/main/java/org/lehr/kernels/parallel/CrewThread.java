package org.lehr.kernels.parallel;

import java.util.concurrent.locks.LockSupport;

/// A thread that helps with whatever job is on the board, and sleeps when there has been none for a while.
final class CrewThread extends Thread {

    private final Crew crew;
    private volatile boolean asleep;

    CrewThread(Crew crew, String name) {
        super(null, null, name, 0, false);
        this.crew = crew;
        setDaemon(true);
    }

    @Override
    public void run() {
        while (true) {
            Job job = await();
            job.work();
            Thread.interrupted();
        }
    }

    /// Tells the thread that a job is on the board. True when it will look there: it was asleep, or is looking now.
    boolean wake() {
        if (asleep) {
            asleep = false;
            LockSupport.unpark(this);
            return true;
        }
        return false;
    }

    /// A job is posted before `asleep` is read, and the board is read after `asleep` is set: one of the two sees the other.
    private Job await() {
        long deadline = System.nanoTime() + Crew.SPIN_NANOS;
        while (true) {
            Job job = crew.find();
            if (job != null) {
                asleep = false;
                return job;
            }
            if (System.nanoTime() < deadline) {
                Thread.onSpinWait();
            } else if (!asleep) {
                asleep = true;
            } else {
                LockSupport.park(crew);
                Thread.interrupted();
            }
        }
    }
}
