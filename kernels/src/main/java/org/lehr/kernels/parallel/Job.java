package org.lehr.kernels.parallel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// A range that is being worked on: which piece is next, how many are done, what went wrong first.
final class Job {

    private final long size;
    private final long grain;
    private final RangeTask task;
    private final long pieces;
    private final int helpersWanted;
    private final Thread caller = Thread.currentThread();
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong done = new AtomicLong();
    private final AtomicInteger helpers = new AtomicInteger();
    private volatile boolean callerParked;
    private volatile Failure failure;

    private record Failure(long piece, Throwable cause) {}

    Job(long size, long grain, RangeTask task, int mostHelpers) {
        this.size = size;
        this.grain = grain;
        this.task = task;
        pieces = (size - 1) / grain + 1;
        helpersWanted = (int) Math.min(mostHelpers, pieces - 1);
    }

    int helpersWanted() {
        return helpersWanted;
    }

    /// Whether one more thread may join, and has work to do.
    boolean join() {
        return next.get() < pieces && helpers.get() < helpersWanted && helpers.getAndIncrement() < helpersWanted;
    }

    /// Works on pieces until none is left. Pieces are handed out in ascending order, so those before a failed one
    /// have
    /// all been handed out, and are run even when a later one fails sooner: the first failure by order is found
    /// whatever
    /// the timing. Those after it are passed over.
    void work() {
        long piece;
        while ((piece = next.getAndIncrement()) < pieces) {
            try {
                Failure first = failure;
                if (first == null || piece < first.piece) {
                    long from = piece * grain;
                    task.run(from, Math.min(size, from + grain));
                }
            } catch (RuntimeException | Error e) {
                fail(piece, e);
            } finally {
                if (done.incrementAndGet() == pieces && callerParked) {
                    LockSupport.unpark(caller);
                }
            }
        }
    }

    /// Waits for the pieces that others still work on; then throws what went wrong first.
    void finish() {
        boolean interrupted = false;
        if (done.get() != pieces) {
            long start = System.nanoTime();
            while (done.get() != pieces && System.nanoTime() - start < Crew.SPIN_NANOS) {
                Crew.pause(start);
            }
            callerParked = true;
            while (done.get() != pieces) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
        }
        if (interrupted) {
            caller.interrupt();
        }
        if (failure != null) {
            switch (failure.cause) {
                case Error error -> throw error;
                case RuntimeException exception -> throw exception;
                case Throwable other -> throw new IllegalStateException(other);
            }
        }
    }

    private synchronized void fail(long piece, Throwable cause) {
        if (failure == null || piece < failure.piece) {
            failure = new Failure(piece, cause);
        }
    }
}
