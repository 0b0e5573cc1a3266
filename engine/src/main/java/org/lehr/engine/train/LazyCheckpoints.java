package org.lehr.engine.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.lehr.engine.io.AtomicFiles;
import org.lehr.engine.train.run.CheckpointFolder;

/// Saves checkpoints while training goes on, after Maurya et al. 2024, "DataStates-LLM: Lazy Asynchronous Checkpointing
/// for Large Language Models".
///
/// Parameters and optimizer state do not change before the next update, so one thread copies them into buffers during
/// the next forward and backward pass, and the update waits for that copy alone. A second thread streams the
/// buffers to the disk; the checkpoint gets its name last, so that a crash at any moment leaves the earlier ones
/// whole. The files are those that [Checkpoint#write] would have written at the same step. Where the buffers are
/// smaller
/// than what is on its way, the update waits for the disk too.
///
/// From [#save] to the update of the next step, nobody but the trainer may change parameters or optimizer state. All
/// methods belong to the thread that trains. What goes wrong in the background is thrown by the next call of
/// [#settled], [#finish] or [#close].
public final class LazyCheckpoints implements AutoCloseable {

    private final CheckpointFolder folder;
    private final Trainer<?> trainer;
    private final int keep;
    private final UnaryOperator<WritableByteChannel> disk;
    private final CheckpointBuffers buffers;
    private final ExecutorService copier = thread("checkpoint-copy");
    private final ExecutorService flusher = thread("checkpoint-flush");
    private final Queue<CompletableFuture<CheckpointFolder.Checkpoint>> flushes = new ConcurrentLinkedQueue<>();
    private final AtomicLong copied = new AtomicLong();
    private CompletableFuture<Void> copy = CompletableFuture.completedFuture(null);
    private long waits;

    /// @param keep how many of the newest checkpoints stay, besides the best
    /// @param bufferBytes memory for copies, at most; best as much as a checkpoint has bytes
    public LazyCheckpoints(CheckpointFolder folder, Trainer<?> trainer, int keep, long bufferBytes) {
        this(folder, trainer, keep, bufferBytes, UnaryOperator.identity());
    }

    /// @param disk what stands between the buffers and a file, such as a limit of its rate
    public LazyCheckpoints(
            CheckpointFolder folder,
            Trainer<?> trainer,
            int keep,
            long bufferBytes,
            UnaryOperator<WritableByteChannel> disk) {
        if (keep < 1 || bufferBytes < 1) {
            throw new IllegalArgumentException(
                    "checkpoints: expected to keep at least 1 and buffers of at least 1 byte," + " got " + keep
                            + " and " + bufferBytes);
        }
        this.folder = folder;
        this.trainer = trainer;
        this.keep = keep;
        this.disk = disk;
        this.buffers = new CheckpointBuffers(bufferBytes);
        trainer.guardUpdates(this::awaitCopy);
    }

    private static ExecutorService thread(String name) {
        return Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name(name).daemon().factory());
    }

    /// Begins the checkpoint of the step that was taken last; the best are those of [Checkpoint#write].
    public void save(double bestLoss, long bestStep) throws IOException {
        awaitCopy();
        SequencedMap<String, AtomicFiles.Body> files = Checkpoint.files(trainer, bestLoss, bestStep);
        SequencedMap<String, CheckpointRelay> relays = new LinkedHashMap<>();
        files.keySet().forEach(name -> relays.put(name, new CheckpointRelay(buffers)));
        long step = trainer.steps();
        copy = CompletableFuture.runAsync(() -> unchecked(() -> copy(files, relays)), copier)
                .handle((_, failure) -> {
                    if (failure != null) {
                        relays.values().forEach(relay -> relay.fail(cause(failure)));
                    }
                    return null;
                });
        flushes.add(CompletableFuture.supplyAsync(
                () -> unchecked(() -> {
                    CheckpointFolder.Checkpoint checkpoint = flush(step, relays);
                    folder.prune(keep, bestStep > 0 ? OptionalLong.of(bestStep) : OptionalLong.empty());
                    return checkpoint;
                }),
                flusher));
    }

    private interface Work<T> {
        T run() throws IOException;
    }

    private static <T> T unchecked(Work<T> work) {
        try {
            return work.run();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException || failure instanceof UncheckedIOException
                ? cause(failure.getCause())
                : failure;
    }

    /// How many bytes were copied so far.
    public long copiedBytes() {
        return copied.get();
    }

    /// How many updates found a copy not ready, and waited for it.
    public long waits() {
        return waits;
    }

    private void awaitCopy() {
        if (!copy.isDone()) {
            waits++;
            copy.join();
        }
    }

    private Void copy(SequencedMap<String, AtomicFiles.Body> files, SequencedMap<String, CheckpointRelay> relays)
            throws IOException {
        for (var file : files.entrySet()) {
            CheckpointRelay relay = relays.get(file.getKey());
            file.getValue().write(relay);
            relay.close();
            copied.addAndGet(relay.bytes());
        }
        return null;
    }

    private CheckpointFolder.Checkpoint flush(long step, SequencedMap<String, CheckpointRelay> relays)
            throws IOException {
        try {
            return folder.save(step, partial -> {
                for (var relay : relays.entrySet()) {
                    AtomicFiles.write(
                            partial.resolve(relay.getKey()),
                            channel -> relay.getValue().drain(disk.apply(channel)));
                }
            });
        } finally {
            for (CheckpointRelay relay : relays.values()) {
                relay.discard();
            }
        }
    }

    /// The checkpoints that became complete since they were last asked for.
    ///
    /// @throws IOException naming the file, when one could not be written; earlier ones are intact
    public List<CheckpointFolder.Checkpoint> settled() throws IOException {
        List<CheckpointFolder.Checkpoint> complete = new ArrayList<>();
        while (!flushes.isEmpty() && flushes.peek().isDone()) {
            complete.add(result(flushes.remove()));
        }
        return complete;
    }

    /// As [#settled], once nothing is on its way any more.
    public List<CheckpointFolder.Checkpoint> finish() throws IOException {
        flushes.forEach(flush -> flush.exceptionally(failure -> null).join());
        return settled();
    }

    private static CheckpointFolder.Checkpoint result(CompletableFuture<CheckpointFolder.Checkpoint> flush)
            throws IOException {
        if (!flush.isCompletedExceptionally()) {
            return flush.resultNow();
        }
        switch (cause(flush.exceptionNow())) {
            case IOException failure -> throw failure;
            case RuntimeException failure -> throw failure;
            case Error failure -> throw failure;
            case Throwable failure -> throw new IOException(failure);
        }
    }

    /// Waits until nothing is on its way any more, and lets the trainer alone.
    @Override
    public void close() throws IOException {
        try {
            finish();
        } finally {
            trainer.guardUpdates(null);
            copier.close();
            flusher.close();
            buffers.close();
        }
    }
}
