package org.lehr.engine.distributed;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.lehr.engine.distributed.telemetry.CollectiveTelemetry;
import org.lehr.kernels.parallel.Workers;

/// Ranks that are threads of this process. They share the threads that kernels compute with.
///
/// @param ranks how many
/// @param patience how long a rank waits for another before all fail
public record LocalGroup(int ranks, Duration patience) {

    /// Long enough for a rank that is compiling or writes a checkpoint.
    public static final Duration USUAL_PATIENCE = Duration.ofMinutes(5);

    public LocalGroup {
        if (ranks < 1 || !patience.isPositive()) {
            throw new IllegalArgumentException(
                    "local group: needs at least one rank and some patience, got " + ranks + " and " + patience);
        }
    }

    /// A group with the [usual patience][#USUAL_PATIENCE].
    public static LocalGroup of(int ranks) {
        return new LocalGroup(ranks, USUAL_PATIENCE);
    }

    /// Runs `body` on a thread for each rank, and returns what each gave, in the order of ranks.
    ///
    /// When ranks fail, all end, and what is thrown is the failure of the first rank that did not fail because of
    /// others.
    public <T> List<T> run(Function<Communicator, T> body) {
        return run(CollectiveTelemetry::of, body);
    }

    /// The same with notes of the caller's making.
    ///
    /// @param telemetry makes those of a rank
    public <T> List<T> run(IntFunction<CollectiveTelemetry> telemetry, Function<Communicator, T> body) {
        LocalWorld world = new LocalWorld(ranks, patience);
        int threads = Math.max(1, Workers.current().threads() / ranks);
        List<CompletableFuture<T>> running = new ArrayList<>();
        for (int rank = 0; rank < ranks; rank++) {
            CompletableFuture<T> result = new CompletableFuture<>();
            LocalMessages messages = new LocalMessages(world, rank);
            CollectiveTelemetry notes = telemetry.apply(rank);
            Thread.ofPlatform()
                    .name("lehr-rank-" + rank)
                    .daemon()
                    .start(() -> Workers.with(threads, () -> run(messages, notes, body, result)));
            running.add(result);
        }
        return results(running);
    }

    private static <T> void run(
            LocalMessages messages,
            CollectiveTelemetry notes,
            Function<Communicator, T> body,
            CompletableFuture<T> result) {
        try {
            result.complete(MessageCommunicator.run(messages, notes, body));
        } catch (RuntimeException | Error e) {
            result.completeExceptionally(e);
        }
    }

    private static <T> List<T> results(List<CompletableFuture<T>> running) {
        List<T> results = new ArrayList<>();
        RuntimeException failure = null;
        for (CompletableFuture<T> rank : running) {
            try {
                results.add(rank.join());
            } catch (CompletionException e) {
                if (e.getCause() instanceof Error error) {
                    throw error;
                }
                RuntimeException found = (RuntimeException) e.getCause();
                boolean own = !(found instanceof CommunicationException);
                if (failure == null || own && failure instanceof CommunicationException) {
                    failure = found;
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
        return results;
    }
}
