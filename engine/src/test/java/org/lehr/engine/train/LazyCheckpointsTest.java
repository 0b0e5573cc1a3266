package org.lehr.engine.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lehr.engine.nn.Dropout;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.nn.norm.BatchNorm;
import org.lehr.engine.optim.OptimizerSpec;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.train.run.CheckpointFolder;

@Timeout(60)
final class LazyCheckpointsTest {

    private static final long ENOUGH = 1 << 20;
    private static final long SCARCE = 100;
    private static final String ADAM = "adam:rate=0.01";
    private static final List<String> FILES = List.of("model.safetensors", "optimizer.safetensors", "progress.json");

    @TempDir
    private Path folder;

    private CheckpointFolder checkpoints;

    @BeforeEach
    void open() throws IOException {
        checkpoints = CheckpointFolder.open(folder.resolve("lazy"));
    }

    /// @param forward runs at the end of each forward pass
    private static Trainer<Tensor> trainer(String optimizer, Runnable forward) {
        RandomStream random = new RandomStream(1);
        Layer layer = new Sequential(
                new Linear(3, 20, true, random.split("first")),
                new BatchNorm(20),
                new Dropout(0.3, random.split("dropout")),
                new Linear(20, 2, true, random.split("second")));
        UnaryOperator<Tensor> model = x -> {
            Tensor y = layer.apply(x);
            forward.run();
            return y;
        };
        return new Trainer<>(
                layer,
                new Rows(model, 4),
                OptimizerSpec.parse(optimizer, Map.of()).over(List.of(ParameterGroup.all(layer))),
                new Trainer.Form(1, Double.POSITIVE_INFINITY));
    }

    private static Trainer<Tensor> trainer() {
        return trainer(ADAM, () -> {});
    }

    private static void steps(Trainer<?> trainer, int count) {
        for (int i = 0; i < count; i++) {
            trainer.step();
        }
    }

    /// The checkpoint that a run of its own has after so many steps, written at once.
    private Path synchronous(String optimizer, int steps) throws IOException {
        Trainer<Tensor> trainer = trainer(optimizer, () -> {});
        steps(trainer, steps);
        return CheckpointFolder.open(folder.resolve("synchronous"))
                .save(steps, target -> Checkpoint.write(target, trainer, 0.5, 0))
                .path();
    }

    private static void assertSameFiles(Path expected, Path actual) throws IOException {
        for (String file : FILES) {
            assertArrayEquals(
                    Files.readAllBytes(expected.resolve(file)), Files.readAllBytes(actual.resolve(file)), file);
        }
        assertEquals(FILES, List.of(names(actual)));
    }

    private static String[] names(Path folder) {
        String[] names = folder.toFile().list();
        Arrays.sort(names);
        return names;
    }

    /// A disk that does `before` for every piece that it is to write.
    private record Disk(WritableByteChannel file, Before before) implements WritableByteChannel {

        private interface Before {
            void write() throws IOException;
        }

        static UnaryOperator<WritableByteChannel> of(Before before) {
            return file -> new Disk(file, before);
        }

        static UnaryOperator<WritableByteChannel> waitingFor(CountDownLatch latch) {
            return of(() -> await(latch));
        }

        static void await(CountDownLatch latch) {
            try {
                assertTrue(latch.await(30, TimeUnit.SECONDS));
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            before.write();
            return file.write(bytes);
        }

        @Override
        public boolean isOpen() {
            return file.isOpen();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "adam:rate=0.01",
                "ema:decay=0.5+adamw:rate=0.01",
                "schedulefree:rate=0.01",
                "inbackward+adam:rate=0.01",
                "sam+sgd:rate=0.01",
                "adam:rate=0.01,state=block8"
            })
    void filesAreThoseOfASynchronousSave(String optimizer) throws IOException {
        for (long buffers : new long[] {SCARCE, ENOUGH}) {
            Trainer<Tensor> trainer = trainer(optimizer, () -> {});
            try (LazyCheckpoints lazy = new LazyCheckpoints(checkpoints, trainer, 9, buffers)) {
                for (int step = 1; step <= 3; step++) {
                    trainer.step();
                    lazy.save(0.5, 0);
                }
                trainer.step();
                lazy.finish();
            }
            for (int step = 1; step <= 3; step++) {
                assertSameFiles(synchronous(optimizer, step), CheckpointFolder.at(checkpoints.path(), step));
            }
        }
    }

    @Test
    void whatIsCopiedAfterTheNextForwardPassIsOfTheStepBefore() throws IOException {
        CountDownLatch forward = new CountDownLatch(3);
        Trainer<Tensor> trainer = trainer(ADAM, forward::countDown);
        try (LazyCheckpoints lazy = new LazyCheckpoints(checkpoints, trainer, 1, SCARCE, Disk.waitingFor(forward))) {
            steps(trainer, 2);
            lazy.save(0.5, 0);
            trainer.step();
            assertEquals(1, lazy.waits());
            steps(trainer, 2);
            assertEquals(1, lazy.waits());
            lazy.finish();
        }
        assertSameFiles(synchronous(ADAM, 2), CheckpointFolder.at(checkpoints.path(), 2));
    }

    @Test
    void aSlowDiskStopsNoStep() throws IOException {
        CountDownLatch later = new CountDownLatch(1);
        Trainer<Tensor> trainer = trainer();
        try (LazyCheckpoints lazy = new LazyCheckpoints(checkpoints, trainer, 1, 8 * ENOUGH, Disk.waitingFor(later))) {
            steps(trainer, 2);
            lazy.save(0.5, 0);
            steps(trainer, 3);
            lazy.save(0.5, 0);
            steps(trainer, 3);
            assertEquals(List.of(), lazy.settled());
            assertEquals(List.of(), checkpoints.list());
            later.countDown();
            assertEquals(
                    List.of(2L, 5L),
                    lazy.finish().stream()
                            .map(CheckpointFolder.Checkpoint::step)
                            .toList());
            assertEquals(2 * bytes(synchronous(ADAM, 5)), lazy.copiedBytes(), 2);
        }
        assertEquals(List.of("step-00000005"), List.of(names(checkpoints.path())));
        assertSameFiles(synchronous(ADAM, 5), CheckpointFolder.at(checkpoints.path(), 5));
    }

    private static long bytes(Path checkpoint) throws IOException {
        long sum = 0;
        for (String file : FILES) {
            sum += Files.size(checkpoint.resolve(file));
        }
        return sum;
    }

    @Test
    void aKillInMidFlushLeavesTheEarlierCheckpointToGoOnFrom() throws IOException {
        CountDownLatch half = new CountDownLatch(12);
        CountDownLatch killed = new CountDownLatch(1);
        Trainer<Tensor> trainer = trainer();
        Path left = folder.resolve("left");
        try (LazyCheckpoints lazy = new LazyCheckpoints(checkpoints, trainer, 1, SCARCE, Disk.of(() -> {
            if (checkpoints.latest().isPresent()) {
                half.countDown();
                if (half.getCount() == 0) {
                    Disk.await(killed);
                }
            }
        }))) {
            steps(trainer, 2);
            lazy.save(0.5, 0);
            lazy.finish();
            steps(trainer, 2);
            lazy.save(0.5, 0);
            Disk.await(half);
            copyTree(checkpoints.path(), left);
            assertTrue(List.of(names(left)).contains(".step-00000004.partial"));
            killed.countDown();
        }
        CheckpointFolder reopened = CheckpointFolder.open(left);
        assertEquals(List.of("step-00000002"), List.of(names(left)));
        Trainer<Tensor> resumed = trainer();
        Checkpoint.restore(reopened.latest().orElseThrow().path(), resumed);
        steps(resumed, 2);
        Path again = reopened.save(4, target -> Checkpoint.write(target, resumed, 0.5, 0))
                .path();
        assertSameFiles(CheckpointFolder.at(checkpoints.path(), 4), again);
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Files.copy(path, to.resolve(from.relativize(path)));
            }
        }
    }

    @Test
    void aFullDiskIsToldOfAndLeavesNothingHalf() throws IOException {
        Trainer<Tensor> trainer = trainer();
        LazyCheckpoints lazy = new LazyCheckpoints(checkpoints, trainer, 1, SCARCE, Disk.of(() -> {
            if (checkpoints.latest().isPresent()) {
                throw new IOException("No space left on device");
            }
        }));
        steps(trainer, 1);
        lazy.save(0.5, 0);
        lazy.finish();
        lazy.save(0.5, 0);
        steps(trainer, 2);
        String message = assertThrows(IOException.class, lazy::finish).getMessage();
        assertTrue(message.contains("model.safetensors") && message.contains("No space left"), message);
        trainer.step();
        lazy.save(0.5, 0);
        assertThrows(IOException.class, lazy::close);
        assertEquals(List.of("step-00000001"), List.of(names(checkpoints.path())));
        assertSameFiles(synchronous(ADAM, 1), CheckpointFolder.at(checkpoints.path(), 1));
    }

    @Test
    void buffersMustBeThere() {
        assertThrows(IllegalArgumentException.class, () -> new LazyCheckpoints(checkpoints, trainer(), 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new LazyCheckpoints(checkpoints, trainer(), 0, 1));
    }
}
