package org.lehr.engine.papers.study;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.optim.recipe.Adam;
import org.lehr.engine.papers.Examples;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Learner;
import org.lehr.engine.papers.Perceptron;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.SlowDisk;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.train.Checkpoint;
import org.lehr.engine.train.LazyCheckpoints;
import org.lehr.engine.train.run.CheckpointFolder;

/// Maurya et al. 2024 (DataStates-LLM): what a checkpoint holds does not change before the next update, so it can be
/// copied during the next forward and backward pass and written later; checkpoints become up to 48 times as fast and
/// training up to 2.2 times, on 180 GPUs.
///
/// A perceptron with Adam saves to a disk that takes a whole interval between two checkpoints for each of them. How
/// long
/// training stands is counted in steps, by a disk whose clock is the training ([SlowDisk]), so that no time is
/// measured; the copies in memory, which the paper counts too, are therefore left out. The files are compared with
/// those of a run that waits for each. What a kill in the midst of the last checkpoint would leave is copied, and a run
/// goes on from there.
public final class LazyCheckpointing implements Study {

    private static final int EVERY = 4;
    private static final double RATE = 0.01;
    private static final double NO_LOSS = Double.POSITIVE_INFINITY;

    /// A study without settings.
    public LazyCheckpointing() {}

    @Override
    public Claim claim() {
        return Claim.of(
                75,
                "Checkpoints that are copied during the next forward and backward pass and written behind the training"
                        + " hardly delay it, hold the same, and a crash loses only the one that is being written",
                "steps for which training stands still with lazy checkpoints at most 0.2 times those with synchronous ones;"
                        + " no file differs; after a kill in mid-flush, losses from the checkpoint before on are the same");
    }

    /// @param stood steps that pass while training waits for the disk, for each checkpoint
    /// @param differing files that are others than those of the first run
    /// @param lost how many checkpoints a kill during the last one takes
    /// @param again largest difference of losses after the kill
    private record Outcome(double stood, double differing, double lost, double again) {}

    /// What a run did.
    private record Run(String name, double[] losses, double stood) {}

    @Override
    public Findings run(Trial trial) {
        List<Sample> found = trial.samples(seed -> measured(trial, seed));
        Sample standing = found.get(4).over(found.get(0));
        return Findings.table(
                        "checkpoints",
                        "steps that training stood for each",
                        "files that differ",
                        "checkpoints lost by a kill",
                        "difference of losses after it")
                .row("synchronous", found.get(0), found.get(1), found.get(2), found.get(3))
                .row("lazy", found.get(4), found.get(5), found.get(6), found.get(7))
                .atMost("time that training stood, lazy over synchronous", standing.max(), 0.2)
                .atMost("files that differ", found.get(5).max(), 0)
                .atMost("checkpoints lost by a kill", found.get(6).max(), 1)
                .atMost("difference of losses after a kill", found.get(7).max(), 0)
                .build();
    }

    /// The synchronous outcome, then the lazy one.
    private static double[] measured(Trial trial, long seed) {
        try {
            Path folder = Files.createTempDirectory("lehr-checkpoints");
            try {
                Setting setting = new Setting(trial, seed, folder);
                Run first = setting.run("first", false, 1);
                long size = setting.bytes(first);
                Outcome waiting = setting.outcome(setting.run("synchronous", false, size), first);
                Outcome lazy = setting.outcome(setting.run("lazy", trial.method(), size), first);
                return new double[] {
                    waiting.stood, waiting.differing, waiting.lost, waiting.again,
                    lazy.stood, lazy.differing, lazy.lost, lazy.again
                };
            } finally {
                delete(folder);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// What is trained, how long, and where it leaves its checkpoints.
    private record Setting(int checkpoints, int width, long seed, Path folder) {

        Setting(Trial trial, long seed, Path folder) {
            this(trial.pick(12, 3), trial.pick(128, 32), seed, folder);
        }

        private int steps() {
            return EVERY * (checkpoints + 1);
        }

        private Learner learner() {
            RandomStream random = new RandomStream(seed);
            Examples examples = Examples.taught(
                    random.split("teacher"), random.split("data"), 256, new Examples.Sizes(16, 16, 4), 0);
            return new Learner(
                    new Perceptron(16, width, 2, 4).make(Initializer.heNormal(), Tensor::relu, random.split("network")),
                    examples,
                    32,
                    new Adam(new Constant(RATE), new Constant(0.9), new Constant(0.999), 1e-8, new Constant(0), false),
                    random.split("order"));
        }

        /// @param size bytes of a checkpoint
        Run run(String name, boolean lazy, long size) throws IOException {
            CheckpointFolder kept = CheckpointFolder.open(folder.resolve(name));
            Learner learner = learner();
            SlowDisk disk = new SlowDisk(Math.ceilDiv(size, EVERY));
            double[] losses = new double[steps()];
            try (LazyCheckpoints saver =
                    new LazyCheckpoints(kept, learner.trainer(), checkpoints, 4 * size, disk::behind)) {
                for (int step = 1; step <= steps(); step++) {
                    losses[step - 1] = learner.learn(1);
                    disk.stepped();
                    if (step == EVERY * checkpoints + 1) {
                        if (lazy) {
                            disk.awaitStarved();
                        }
                        copy(kept.path(), killed(name));
                    }
                    if (step % EVERY == 0 && step < steps()) {
                        if (lazy) {
                            disk.begin();
                            saver.save(NO_LOSS, 0);
                        } else {
                            disk.waitFor(bytes(
                                    kept.save(step, at -> Checkpoint.write(at, learner.trainer(), NO_LOSS, 0))
                                            .path()));
                        }
                    }
                }
            }
            return new Run(name, losses, disk.stood() / checkpoints);
        }

        private Path killed(String run) {
            return folder.resolve(run + "-killed");
        }

        /// Bytes of the largest checkpoint of a run.
        long bytes(Run run) throws IOException {
            long most = 0;
            for (CheckpointFolder.Checkpoint checkpoint : checkpoints(run)) {
                most = Math.max(most, bytes(checkpoint.path()));
            }
            return most;
        }

        private List<CheckpointFolder.Checkpoint> checkpoints(Run run) throws IOException {
            return CheckpointFolder.open(folder.resolve(run.name)).list();
        }

        Outcome outcome(Run run, Run first) throws IOException {
            int differing = 0;
            for (CheckpointFolder.Checkpoint checkpoint : checkpoints(first)) {
                for (Path file : files(checkpoint.path())) {
                    Path other = CheckpointFolder.at(folder.resolve(run.name), checkpoint.step())
                            .resolve(file.getFileName());
                    differing += Files.exists(other) && Files.mismatch(file, other) < 0 ? 0 : 1;
                }
            }
            CheckpointFolder.Checkpoint whole =
                    CheckpointFolder.open(killed(run.name)).latest().orElseThrow();
            Learner learner = learner();
            Checkpoint.restore(whole.path(), learner.trainer());
            double again = 0;
            for (int step = (int) whole.step() + 1; step <= steps(); step++) {
                again = Math.max(again, Math.abs(learner.learn(1) - first.losses[step - 1]));
            }
            return new Outcome(run.stood, differing, (double) (EVERY * checkpoints - whole.step()) / EVERY, again);
        }

        private static long bytes(Path checkpoint) throws IOException {
            long sum = 0;
            for (Path file : files(checkpoint)) {
                sum += Files.size(file);
            }
            return sum;
        }

        private static List<Path> files(Path checkpoint) throws IOException {
            try (Stream<Path> files = Files.list(checkpoint)) {
                return files.sorted().toList();
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Files.copy(path, to.resolve(from.relativize(path)));
            }
        }
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
