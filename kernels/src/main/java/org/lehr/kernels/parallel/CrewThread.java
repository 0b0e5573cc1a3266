package org.lehr.kernels.parallel;

import java.util.concurrent.locks.LockSupport;

/// A thread that helps with whatever job is on the board, and sleeps when there has been none for a while.
final class CrewThread extends Thread {

    private final Crew crew;
    private volatile State state = State.LOOKING;

    private enum State {
        LOOKING,
        ASLEEP,
        WORKING
    }

    CrewThread(Crew crew, String name) {
        super(null, null, name, 0, false);
        this.crew = crew;
        setDaemon(true);
    }

    @Override
    public void run() {
        while (true) {
            await().work();
            Thread.interrupted();
        }
    }

    /// Tells the thread that a job is on the board. False when it is working on another one.
    boolean wake() {
        State found = state;
        if (found == State.ASLEEP) {
            LockSupport.unpark(this);
        }
        return found != State.WORKING;
    }

    /// A job is posted before the state is read, and the board is read again after the state is set to sleeping:
    /// one
    /// of the two sees the other.
    private Job await() {
        state = State.LOOKING;
        long start = System.nanoTime();
        while (true) {
            Job job = crew.find();
            if (job != null) {
                state = State.WORKING;
                return job;
            }
            if (System.nanoTime() - start < Crew.SPIN_NANOS) {
                Crew.pause(start);
            } else if (state != State.ASLEEP) {
                state = State.ASLEEP;
            } else {
                LockSupport.park(crew);
                Thread.interrupted();
            }
        }
    }
}
