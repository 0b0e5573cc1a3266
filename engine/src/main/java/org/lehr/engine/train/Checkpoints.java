package org.lehr.engine.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.lehr.engine.io.AtomicFiles;

/// The checkpoints of a run: `step-00000200.safetensors`, ..., the newest few, and `best.safetensors`.
public final class Checkpoints {

    private static final Pattern NAME = Pattern.compile("step-\\d{8}\\.safetensors");
    private static final String BEST = "best.safetensors";

    private final Path folder;
    private final int keep;

    /// @param keep how many of the newest stay, at least 1
    public Checkpoints(Path folder, int keep) {
        if (keep < 1) {
            throw new IllegalArgumentException("checkpoints: at least one must be kept, got " + keep);
        }
        this.folder = folder;
        this.keep = keep;
    }

    /// Writes the trainer's state as the newest checkpoint, then removes those that are too old.
    ///
    /// @param best whether it is the best so far and is to be kept as such
    public Path write(Trainer<?> trainer, String config, boolean best) throws IOException {
        Files.createDirectories(folder);
        AtomicFiles.sweep(folder);
        Path file = folder.resolve("step-%08d.safetensors".formatted(trainer.steps()));
        Checkpoint.write(file, trainer, config);
        if (best) {
            AtomicFiles.write(folder.resolve(BEST), channel -> {
                try (var source = java.nio.channels.FileChannel.open(file)) {
                    long size = source.size();
                    for (long at = 0; at < size; ) {
                        at += source.transferTo(at, size - at, channel);
                    }
                }
            });
        }
        List<Path> all = all();
        for (Path old : all.subList(0, Math.max(0, all.size() - keep))) {
            Files.delete(old);
        }
        return file;
    }

    /// The newest checkpoint that is there.
    public Optional<Path> latest() throws IOException {
        List<Path> all = all();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
    }

    /// The best checkpoint that is there.
    public Optional<Path> best() {
        Path best = folder.resolve(BEST);
        return Files.exists(best) ? Optional.of(best) : Optional.empty();
    }

    private List<Path> all() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> NAME.matcher(file.getFileName().toString()).matches())
                    .sorted()
                    .toList();
        } catch (NoSuchFileException none) {
            return List.of();
        }
    }
}
