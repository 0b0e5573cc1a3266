package org.lehr.engine.optim.offload;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/// Copies beside the updates, one after another in the order in which they were asked for.
final class Link {

    private CompletableFuture<?> last = CompletableFuture.completedFuture(null);

    /// What comes after a failure fails as well.
    <T> CompletableFuture<T> submit(Supplier<T> work) {
        CompletableFuture<T> next = last.thenApplyAsync(
                _ -> work.get(),
                task -> Thread.ofPlatform().daemon().name("lehr-offload").start(task));
        last = next;
        return next;
    }

    /// Waits for everything; failures show here.
    void finish() {
        CompletableFuture<?> all = last;
        last = CompletableFuture.completedFuture(null);
        await(all);
    }

    /// Waits for one of them.
    static <T> T await(CompletableFuture<T> one) {
        try {
            return one.join();
        } catch (CompletionException failed) {
            switch (failed.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw failed;
            }
        }
    }
}
