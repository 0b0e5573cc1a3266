package org.lehr.engine.train.run;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.lehr.engine.io.AtomicFiles;

/// `checkpoints/`: one folder `step-00000100` per kept checkpoint, each complete or not there at all.
///
/// A checkpoint is written under another name, forced to the disk and renamed. Names that begin with a dot are work
/// in progress of a process, or what a killed one left; [#open] clears those away.
public final class CheckpointFolder {

    private static final Pattern COMPLETE = Pattern.compile("step-(\\d{8,18})");
    private static final String PARTIAL = ".partial";
    private static final String REPLACED = ".replaced";
    private static final String DELETED = ".deleted";

    private final Path folder;

    private CheckpointFolder(Path folder) {
        this.folder = folder;
    }

    /// A complete checkpoint: the state after so many steps.
    public record Checkpoint(long step, Path path) {}

    /// Writes the files of a checkpoint.
    @FunctionalInterface
    public interface Body {
        /// @param folder an empty folder to write into
        void write(Path folder) throws IOException;
    }

    /// Takes `folder`, made when it is absent, and clears away what killed processes left. One process at a time.
    public static CheckpointFolder open(Path folder) throws IOException {
        Files.createDirectories(folder);
        CheckpointFolder checkpoints = new CheckpointFolder(folder);
        checkpoints.recover();
        return checkpoints;
    }

    /// Where the checkpoint of a step stands in a folder of checkpoints.
    public static Path at(Path folder, long step) {
        return folder.resolve(String.format(Locale.ROOT, "step-%08d", step));
    }

    /// Where the checkpoints stand.
    public Path path() {
        return folder;
    }

    /// Writes the checkpoint of `step`, replacing one of the same step. When the body or the disk fails, every
    /// earlier checkpoint is as it was.
    public Checkpoint save(long step, Body body) throws IOException {
        if (step < 0) {
            throw new IllegalArgumentException("checkpoint: step " + step + ": expected 0 or more");
        }
        Path whole = at(folder, step);
        Path partial = hidden(whole, PARTIAL);
        deleteTree(partial);
        boolean written = false;
        try {
            Files.createDirectory(partial);
            body.write(partial);
            forceTree(partial);
            replace(partial, whole);
            written = true;
        } finally {
            if (!written) {
                deleteTree(partial);
            }
        }
        return new Checkpoint(step, whole);
    }

    /// The complete checkpoints, earliest first.
    public List<Checkpoint> list() throws IOException {
        List<Checkpoint> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                Matcher name = COMPLETE.matcher(entry.getFileName().toString());
                if (name.matches() && Files.isDirectory(entry)) {
                    found.add(new Checkpoint(Long.parseLong(name.group(1)), entry));
                }
            }
        }
        found.sort(Comparator.comparingLong(Checkpoint::step));
        return found;
    }

    /// The one with the highest step.
    public Optional<Checkpoint> latest() throws IOException {
        List<Checkpoint> all = list();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
    }

    /// Deletes all but the newest ones and the best.
    ///
    /// @param newest how many to keep, at least 1
    /// @param best the step of one to keep whatever its age
    public void prune(int newest, OptionalLong best) throws IOException {
        if (newest < 1) {
            throw new IllegalArgumentException("checkpoints: keep the newest " + newest + ": expected at least 1");
        }
        List<Checkpoint> all = list();
        for (Checkpoint checkpoint : all.subList(0, Math.max(0, all.size() - newest))) {
            if (best.isEmpty() || best.getAsLong() != checkpoint.step()) {
                Path doomed = hidden(checkpoint.path(), DELETED);
                move(checkpoint.path(), doomed);
                deleteTree(doomed);
            }
        }
    }

    private void replace(Path partial, Path whole) throws IOException {
        Path old = hidden(whole, REPLACED);
        if (Files.exists(whole)) {
            move(whole, old);
        }
        move(partial, whole);
        AtomicFiles.forceFolder(folder);
        deleteTree(old);
    }

    private void recover() throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, ".step-*")) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                Path whole = folder.resolve(name.substring(1).replaceFirst("\\.\\w+$", ""));
                if (name.endsWith(REPLACED) && !Files.exists(whole)) {
                    move(entry, whole);
                } else {
                    deleteTree(entry);
                }
            }
        }
    }

    private static Path hidden(Path whole, String suffix) {
        return whole.resolveSibling("." + whole.getFileName() + suffix);
    }

    private static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void forceTree(Path tree) throws IOException {
        for (Path path : walk(tree)) {
            if (Files.isDirectory(path)) {
                AtomicFiles.forceFolder(path);
            } else {
                try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
            }
        }
    }

    private static void deleteTree(Path tree) throws IOException {
        if (Files.exists(tree)) {
            for (Path path : walk(tree)) {
                Files.delete(path);
            }
        }
    }

    /// What is in `tree` and itself, contents before their folders.
    private static List<Path> walk(Path tree) throws IOException {
        try (Stream<Path> paths = Files.walk(tree)) {
            return paths.sorted(Comparator.reverseOrder()).toList();
        }
    }
}
