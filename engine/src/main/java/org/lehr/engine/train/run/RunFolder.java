package org.lehr.engine.train.run;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.lehr.engine.io.AtomicFiles;

/// The folder of one run, held by the process that writes it until [#close]:
///
/// ```
/// config.json     what was asked for, by name
/// tokenizer.json  what tokens mean, where they are not bytes (RunTokenizer)
/// metrics.jsonl   one object per logged step (MetricsLog)
/// events.out...   the same for TensorBoard (TensorBoardWriter)
/// checkpoints/    step-00000100/ ... (CheckpointFolder)
/// samples.txt     texts that the model wrote (SampleLog)
/// status.json     how the run stands (RunStatus)
/// ranks/          what ranks noted of their collectives, where there were several (RankLog)
/// routing-...     what routers chose, where that was asked for (RoutingTraceFile)
/// report.html     all of that on one page (RunReport)
/// .lock           held while a process writes
/// ```
public final class RunFolder implements AutoCloseable {

    /// The file of what was asked for.
    public static final String CONFIG = "config.json";

    /// Folder of checkpoints.
    public static final String CHECKPOINTS = "checkpoints";

    /// The file of what was measured, read by [MetricsLog].
    public static final String METRICS = "metrics.jsonl";

    static final String STATUS = "status.json";
    static final String REPORT = "report.html";
    static final String SAMPLES = "samples.txt";
    private static final String LOCK = ".lock";

    /// What this process holds. Closing any channel on a file drops the process's locks on it (POSIX), so a second
    /// one must not even be opened.
    private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final SequencedMap<String, Object> config;
    private final FileChannel lock;
    private final CheckpointFolder checkpoints;

    private RunFolder(Path folder, SequencedMap<String, Object> config, FileChannel lock) throws IOException {
        this.folder = folder;
        this.config = Collections.unmodifiableSequencedMap(config);
        this.lock = lock;
        checkpoints = CheckpointFolder.open(folder.resolve(CHECKPOINTS));
    }

    /// Makes the folder of a new run.
    ///
    /// @param folder absent or empty
    /// @param config what was asked for: numbers, texts, booleans, lists and objects
    /// @throws FileAlreadyExistsException when a run, or anything else, stands in `folder`; it is left as it was
    public static RunFolder create(Path folder, SequencedMap<String, ?> config) throws IOException {
        refuseOccupied(folder);
        Files.createDirectories(folder);
        return holding(folder, () -> {
            refuseOccupied(folder);
            AtomicFiles.writeString(folder.resolve(CONFIG), RunJson.pretty(config));
            RunStatus.running(0).write(folder.resolve(STATUS));
        });
    }

    /// Makes the folder of a new run under the first free name of `PREFIX-1`, `PREFIX-2`, ... in `runs`.
    public static RunFolder createNext(Path runs, String prefix, SequencedMap<String, ?> config) throws IOException {
        while (true) {
            try {
                return create(nextFree(runs, prefix), config);
            } catch (FileAlreadyExistsException taken) {
                continue;
            }
        }
    }

    /// Makes an empty folder under the first free name of `PREFIX-1`, `PREFIX-2`, ... in `runs`.
    public static Path nextFree(Path runs, String prefix) throws IOException {
        Files.createDirectories(runs);
        for (int number = 1; ; number++) {
            try {
                return Files.createDirectory(runs.resolve(prefix + "-" + number));
            } catch (FileAlreadyExistsException taken) {
                continue;
            }
        }
    }

    /// Takes the folder of an earlier run to go on with it, and removes what a killed process left half-written.
    ///
    /// @throws NoSuchFileException when no run stands there
    public static RunFolder resume(Path folder) throws IOException {
        if (!Files.exists(folder.resolve(CONFIG))) {
            throw new NoSuchFileException(
                    folder.toString(), null, "no run to resume here: expected a folder with " + CONFIG);
        }
        return holding(folder, () -> AtomicFiles.sweep(folder));
    }

    private static RunFolder holding(Path folder, Preparation preparation) throws IOException {
        Path key = folder.toRealPath();
        if (!HELD_HERE.add(key)) {
            throw new IOException(folder + ": this process is already writing this run");
        }
        FileChannel lock = null;
        boolean held = false;
        try {
            lock = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (lock.tryLock() == null) {
                throw new IOException(folder + ": another process is writing this run: wait for it, or stop it");
            }
            preparation.prepare();
            RunFolder run = new RunFolder(folder, RunJson.read(folder.resolve(CONFIG)), lock);
            held = true;
            return run;
        } finally {
            if (!held) {
                letGo(key, lock);
            }
        }
    }

    private static void letGo(Path key, FileChannel lock) throws IOException {
        if (lock != null) {
            lock.close();
        }
        HELD_HERE.remove(key);
    }

    /// Whether a living process holds this folder.
    static boolean isHeld(Path folder) throws IOException {
        if (HELD_HERE.contains(folder.toRealPath())) {
            return true;
        }
        if (!Files.exists(folder.resolve(LOCK))) {
            return false;
        }
        try (FileChannel lock = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE)) {
            return lock.tryLock() == null;
        }
    }

    private static void refuseOccupied(Path folder) throws IOException {
        if (Files.exists(folder.resolve(CONFIG))) {
            throw new FileAlreadyExistsException(
                    folder.toString(),
                    null,
                    "a run stands here already: go on with it by --resume " + folder
                            + ", or choose another folder by --out");
        }
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                if (files.anyMatch(file -> !file.getFileName().toString().equals(LOCK))) {
                    throw new FileAlreadyExistsException(
                            folder.toString(), null, "not empty: choose another folder by --out");
                }
            }
        }
    }

    /// Drops metrics and samples of later steps, which the resumed run will write again.
    ///
    /// @param step the step of the checkpoint from which the run goes on
    public void rewind(long step) throws IOException {
        MetricsLog.resume(metricsFile(), step).close();
        samples().rewind(step);
    }

    /// Where the run stands.
    public Path path() {
        return folder;
    }

    /// The name of the folder.
    public String name() {
        return nameOf(folder);
    }

    /// What a run in `folder` is called.
    static String nameOf(Path folder) {
        Path name = folder.toAbsolutePath().normalize().getFileName();
        return name == null ? folder.toString() : name.toString();
    }

    /// What was asked for.
    public SequencedMap<String, Object> config() {
        return config;
    }

    /// The file of [MetricsLog].
    public Path metricsFile() {
        return folder.resolve(METRICS);
    }

    /// The file of [RunReport].
    public Path reportFile() {
        return folder.resolve(REPORT);
    }

    /// The texts that the model wrote.
    public SampleLog samples() {
        return new SampleLog(folder.resolve(SAMPLES));
    }

    /// The checkpoints.
    public CheckpointFolder checkpoints() {
        return checkpoints;
    }

    /// How the run stands, as last written.
    public RunStatus status() throws IOException {
        return RunStatus.read(folder.resolve(STATUS));
    }

    /// Writes how the run stands.
    public void status(RunStatus status) throws IOException {
        status.write(folder.resolve(STATUS));
    }

    /// Lets another process take the folder.
    @Override
    public void close() throws IOException {
        if (lock.isOpen()) {
            letGo(folder.toRealPath(), lock);
        }
    }

    @FunctionalInterface
    private interface Preparation {
        void prepare() throws IOException;
    }
}
