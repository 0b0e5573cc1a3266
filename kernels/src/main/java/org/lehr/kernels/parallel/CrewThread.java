package org.lehr.kernels.parallel;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/// A thread that helps with whatever job is on the board, and sleeps when there has been none for a while.
final class CrewThread extends Thread {

    private final Crew crew;
    private final AtomicReference<State> state = new AtomicReference<>(State.LOOKING);
    private volatile int number;

    /// The core that this thread was kept off when it was woken; written before the state leaves [State#WAKING].
    private int avoided = Cores.NONE;

    private enum State {
        LOOKING,
        ASLEEP,
        WAKING,
        WORKING
    }

    CrewThread(Crew crew, String name) {
        super(null, null, name, 0, false);
        this.crew = crew;
        setDaemon(true);
    }

    @Override
    public void run() {
        number = Cores.thread();
        while (true) {
            await().work();
            Thread.interrupted();
        }
    }

    /// Tells the thread that a job is on the board. False when it is working on another one.
    ///
    /// The caller is about to work on its own core, so a sleeping thread is woken on another one.
    boolean wake() {
        if (!state.compareAndSet(State.ASLEEP, State.WAKING)) {
            return state.get() != State.WORKING;
        }
        try {
            avoided = Cores.keepOff(number);
        } finally {
            state.set(State.LOOKING);
            LockSupport.unpark(this);
        }
        return true;
    }

    private Job await() {
        Job job = null;
        while (job == null) {
            state.set(State.LOOKING);
            job = look();
            if (job == null) {
                job = sleep();
            }
        }
        state.set(State.WORKING);
        return job;
    }

    /// A job that came within [Crew#SPIN_NANOS], or null.
    private Job look() {
        long start = System.nanoTime();
        while (System.nanoTime() - start < Crew.SPIN_NANOS) {
            Job job = crew.find();
            if (job != null) {
                return job;
            }
            Crew.pause(start);
        }
        return null;
    }

    /// Sleeps until there is a job or somebody wakes this thread, possibly in vain: then null.
    ///
    /// A job is posted before the state is read, and the board is read again after the state is set to sleeping:
    /// one of the two sees the other.
    private Job sleep() {
        state.set(State.ASLEEP);
        Job job = crew.find();
        while (job == null && state.get() == State.ASLEEP) {
            LockSupport.park(crew);
            Thread.interrupted();
            job = crew.find();
        }
        if (!state.compareAndSet(State.ASLEEP, State.LOOKING)) {
            while (state.get() == State.WAKING) {
                Thread.onSpinWait();
            }
            Cores.allow(avoided);
        }
        return job;
    }
}
