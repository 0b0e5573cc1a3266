package org.lehr.engine.distributed;

import java.lang.ref.Reference;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;
import org.lehr.kernels.parallel.Workers;

/// Does one thing after the other beside the callers. After the first that fails, nothing is done any more.
final class Queue implements AutoCloseable {

    private record Begun(CompletableFuture<Void> future) implements Pending {

        @Override
        public void await() {
            try {
                future.join();
            } catch (CompletionException e) {
                throw new CommunicationException(e.getCause().getMessage(), e.getCause());
            }
        }

        @Override
        public boolean isDone() {
            return future.isDone();
        }
    }

    private final ExecutorService thread;
    private final int threads = Workers.current().threads();
    private volatile String failure;

    /// @param name of the thread
    Queue(String name) {
        thread = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name(name).daemon().factory());
    }

    /// @param held tensors that stay reachable until it is done
    Pending begin(Runnable work, Tensor... held) {
        return new Begun(CompletableFuture.runAsync(
                () -> {
                    if (failure != null) {
                        throw new CommunicationException("an operation before this one failed: " + failure);
                    }
                    try (var _ = Scope.open()) {
                        Workers.with(threads, work);
                    } catch (RuntimeException e) {
                        failure = e.getMessage();
                        throw e;
                    } finally {
                        Reference.reachabilityFence(held);
                    }
                },
                thread));
    }

    /// Waits for what was begun.
    @Override
    public void close() {
        thread.close();
    }
}
