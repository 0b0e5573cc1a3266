package org.lehr.bench.harness;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// Gives all of JMH's runs in this process the same thread. JMH starts a thread for each run, and libraries that keep
/// threads or memory for each caller would begin anew with it.
public final class LastingThread extends AbstractExecutorService {

    private static final ExecutorService ONE = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("measured").factory());

    private boolean ended;

    /// As JMH wants it.
    public LastingThread(int threads, String name) {
        if (threads != 1) {
            throw new IllegalArgumentException(name + ": one thread calls, got " + threads);
        }
    }

    /// Has JMH use this in a process that is to be started.
    static List<String> flags() {
        return List.of("-Djmh.executor=CUSTOM", "-Djmh.executor.class=" + LastingThread.class.getName());
    }

    @Override
    public void execute(Runnable work) {
        ONE.execute(work);
    }

    @Override
    public void shutdown() {
        ended = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
        ended = true;
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return ended;
    }

    @Override
    public boolean isTerminated() {
        return ended;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }
}
