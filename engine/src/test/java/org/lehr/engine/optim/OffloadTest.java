package org.lehr.engine.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.offload.Event;
import org.lehr.engine.optim.offload.Event.Kind;
import org.lehr.engine.optim.offload.Interleaving;
import org.lehr.engine.optim.offload.OffloadedOptimizer;
import org.lehr.engine.optim.offload.StateFile;
import org.lehr.engine.optim.recipe.AdamW;
import org.lehr.engine.optim.transform.StateFormat;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Scope;

/// State in a file beside state in memory.
class OffloadTest {

    private static final AdamW ADAM_W =
            new AdamW(new Constant(0.01), new Constant(0.9), new Constant(0.999), 1e-8, new Constant(0.1), false);

    @TempDir
    Path folder;

    private static Parameter[] start(DType dtype, int count, long... extents) {
        Parameter[] parameters = new Parameter[count];
        for (int i = 0; i < count; i++) {
            parameters[i] = new Parameter(
                    new RandomStream(7).split(i).normal(DType.FLOAT32, extents).to(dtype));
        }
        return parameters;
    }

    private static Optimizer over(String text, Parameter... parameters) {
        return OptimizerSpec.parse(text, Map.of()).over(List.of(Fixture.group(parameters)));
    }

    private static void steps(Optimizer optimizer, int from, int to) {
        for (int step = from; step < to; step++) {
            RandomStream random = new RandomStream(11).split(step);
            optimizer
                    .groups()
                    .forEach(group -> group.parameters().forEach((path, parameter) -> {
                        parameter.clearGradient();
                        parameter
                                .own()
                                .setGradient(random.split(path)
                                        .normal(
                                                DType.FLOAT32,
                                                parameter.own().shape().toArray())
                                        .to(parameter.own().dtype()));
                    }));
            try (var _ = Scope.open()) {
                optimizer.step(0.5);
            }
        }
    }

    private static void assertSame(Parameter[] expected, Parameter[] actual) {
        for (int i = 0; i < expected.length; i++) {
            assertArrayEquals(expected[i].own().toDoubleArray(), actual[i].own().toDoubleArray(), "parameter " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "adamw:weight-decay=0.1",
                "adamw:state=block8",
                "adam:state=bfloat16",
                "sgd:momentum=0.9",
                "galore:rank=4,every=2+adamw:state=block8",
                "lamb",
                "lookahead:every=2+lion",
                "ema:decay=0.9+adam"
            })
    void hasTheBitsOfStateInMemory(String text) {
        for (DType dtype : List.of(DType.FLOAT32, DType.BFLOAT16)) {
            Parameter[] plain = start(dtype, 5, 64, 80);
            Optimizer memory = over(text, plain);
            steps(memory, 0, 5);
            for (int stride : new int[] {0, 1, 2, 6}) {
                Parameter[] own = start(dtype, 5, 64, 80);
                Optimizer file = over("offload:subgroup=6000,stride=" + stride + "+" + text, own);
                steps(file, 0, 5);
                assertSame(plain, own);
                assertEquals(memory.state().keySet(), file.state().keySet());
                memory.state()
                        .forEach((path, tensor) -> assertArrayEquals(
                                tensor.toDoubleArray(), file.state().get(path).toDoubleArray(), path));
                assertEquals(memory.stateBytes(), file.stateBytes());
                memory.evaluating(() -> file.evaluating(() -> {
                    assertSame(plain, own);
                    return null;
                }));
                assertSame(plain, own);
            }
        }
    }

    @Test
    void runsGoOnWithTheSameBitsInFileAndInMemory() {
        String[] texts = {"adamw", "offload:subgroup=100,stride=1+adamw", "offload:subgroup=9999,stride=3+adamw"};
        Parameter[] whole = start(DType.FLOAT32, 4, 8, 9);
        steps(over("adamw", whole), 0, 6);
        for (String before : texts) {
            Parameter[] first = start(DType.FLOAT32, 4, 8, 9);
            Optimizer saved = over(before, first);
            steps(saved, 0, 3);
            for (String after : texts) {
                Parameter[] second = start(DType.FLOAT32, 4, 8, 9);
                for (int i = 0; i < second.length; i++) {
                    second[i].set(first[i].own().detach());
                }
                Optimizer resumed = over(after, second);
                resumed.load(3, Fixture.copy(saved.state()));
                steps(resumed, 3, 6);
                assertSame(whole, second);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void stateLargerThanTheLimitTrains(int stride) {
        int count = 24;
        long each = 2 * 4 * 128 * 256;
        long limit = 3 * each;
        Parameter[] parameters = start(DType.FLOAT32, count, 128, 256);
        OffloadedOptimizer.Form form =
                new OffloadedOptimizer.Form(folder.resolve("state").toString(), 128 * 256, limit, stride);
        try (OffloadedOptimizer optimizer =
                new OffloadedOptimizer(ADAM_W, List.of(Fixture.group(parameters)), StateFormat.FULL, form, _ -> {})) {
            assertEquals(count * each, optimizer.stateBytes());
            steps(optimizer, 0, 1);
            Pool.host().collect();
            long before = Pool.host().statistics().outstanding();
            Pool.host().resetPeak();
            optimizer.step();
            optimizer.state();
            long grown = Pool.host().statistics().peak() - before;
            assertTrue(grown <= limit, grown + " bytes of the pool");
            assertTrue(optimizer.peakBytes() <= limit, optimizer.peakBytes() + " bytes");
            assertTrue(optimizer.peakBytes() >= each, optimizer.peakBytes() + " bytes");
            assertTrue(optimizer.stateBytes() >= 8 * limit);
        }
        assertFalse(Files.exists(folder.resolve("state")));
    }

    @Test
    void aLimitThatIsTooSmallIsRefused() {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> over("offload:subgroup=8,limit=100+adamw", start(DType.FLOAT32, 2, 8, 9)))
                .getMessage();
        assertTrue(message.contains("a limit of 100 bytes") && message.contains("576 for [p0]"), message);
    }

    @Test
    void theLimitHoldsForUnequalSubgroups() {
        Parameter[] parameters = {
            start(DType.FLOAT32, 1, 100)[0], start(DType.FLOAT32, 1, 10)[0], start(DType.FLOAT32, 1, 20)[0]
        };
        assertThrows(IllegalArgumentException.class, () -> over("offload:subgroup=1,limit=1039+adamw", parameters));
        steps(over("offload:subgroup=1,limit=1040+adamw", parameters), 0, 1);
    }

    @Test
    void tensorsWithoutElementsAreMeasuredToo() {
        steps(over("offload:subgroup=1+adamw", start(DType.FLOAT32, 3, 0)), 0, 5);
    }

    @Test
    void everyStrideIsFetchedBeforeItsTurn() {
        List<Event> events = new ArrayList<>();
        OffloadedOptimizer.Form form = new OffloadedOptimizer.Form("", 1, 0, 2);
        try (OffloadedOptimizer optimizer = new OffloadedOptimizer(
                ADAM_W, List.of(Fixture.group(start(DType.FLOAT32, 5, 3))), StateFormat.FULL, form, events::add)) {
            steps(optimizer, 0, 1);
        }
        assertEquals(
                List.of(
                        new Event(Kind.FETCH, 1),
                        new Event(Kind.HOST, 0),
                        new Event(Kind.FETCH, 3),
                        new Event(Kind.DEVICE, 1),
                        new Event(Kind.FLUSH, 1),
                        new Event(Kind.HOST, 2),
                        new Event(Kind.DEVICE, 3),
                        new Event(Kind.FLUSH, 3),
                        new Event(Kind.HOST, 4)),
                events);
    }

    @Test
    void theModelFindsTheLeastTime() {
        RandomStream random = new RandomStream(3);
        for (int i = 0; i < 200; i++) {
            double[] t = random.split(i).uniform(DType.FLOAT64, 6).mul(3).toDoubleArray();
            for (Interleaving model : List.of(
                    Interleaving.ofAccelerator(t[0], t[1], t[2], t[3], t[4], t[5]),
                    Interleaving.ofProcessor(t[0], t[1], t[2], t[3], t[4]))) {
                double chosen = model.seconds(model.stride(40));
                for (int k = 1; k <= 41; k++) {
                    assertTrue(chosen <= model.seconds(k), model + " at " + k);
                }
            }
        }
        // k = 1 + d/h.
        assertEquals(4, Interleaving.ofAccelerator(0.1, 1, 3, 3, 0, 0).stride(100));
        assertEquals(1, Interleaving.ofAccelerator(0.1, 1, 0.1, 0.1, 0, 0).stride(1));
        assertEquals(11, Interleaving.ofProcessor(2, 1, 1, 1, 0).stride(10));
    }

    @Test
    void aMissingFolderAndOtherPeoplesFilesAreRefused() throws IOException {
        refused("no folder", folder.resolve("no/state"));
        refused("no ordinary file", folder);
        Path other = Files.writeString(folder.resolve("thesis.tex"), "forty pages that were not saved elsewhere");
        refused("holds something else", other);
        assertTrue(Files.readString(other).startsWith("forty"));
        Path used = folder.resolve("used");
        Optimizer first = over("offload:file=" + used + "+adamw", start(DType.FLOAT32, 1, 3));
        refused("in use", used);
        steps(first, 0, 1);
    }

    private static void refused(String part, Path file) {
        String message = assertThrows(
                        UncheckedIOException.class,
                        () -> over("offload:file=" + file + "+adamw", start(DType.FLOAT32, 1, 3)))
                .getMessage();
        assertTrue(message.contains(part) && message.contains(file.toString()), message);
    }

    @Test
    void aFullDiskLeavesTheFileAsItWas() throws IOException {
        Path path = folder.resolve("state");
        StateFile file = StateFile.create(path.toString());
        file.extend(5000);
        long before = Files.size(path);
        String message = assertThrows(UncheckedIOException.class, () -> file.extend(1L << 60))
                .getMessage();
        assertTrue(message.contains("bytes of room") && message.contains(path.toString()), message);
        assertEquals(before, Files.size(path));
        assertEquals(0, file.extend(0).byteSize());
        file.close();
    }

    @Test
    void aFileThatWasCutShortIsNoticed() throws IOException {
        Path path = folder.resolve("state");
        Parameter[] parameters = start(DType.FLOAT32, 2, 3);
        Optimizer optimizer = over("offload:file=" + path + "+adamw", parameters);
        steps(optimizer, 0, 1);
        double[] before = parameters[0].own().toDoubleArray();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(100);
        }
        String message =
                assertThrows(UncheckedIOException.class, optimizer::step).getMessage();
        assertTrue(message.contains("100 bytes") && message.contains("cut it short"), message);
        assertThrows(UncheckedIOException.class, optimizer::state);
        assertArrayEquals(before, parameters[0].own().toDoubleArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"clipnorm+adam", "prodigy", "sam+adam", "lbfgs", "accumulate+adam"})
    void whatLooksAtMoreThanOneParameterIsRefused(String text) {
        String message = assertThrows(
                        IllegalArgumentException.class, () -> over("offload+" + text, start(DType.FLOAT32, 1, 3)))
                .getMessage();
        assertTrue(message.contains("one parameter alone"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"subgroup=0", "limit=-1", "stride=-1"})
    void impossibleNumbersAreRefused(String option) {
        assertThrows(IllegalArgumentException.class, () -> OptimizerSpec.parse("offload:" + option + "+sgd", Map.of()));
    }

    @Test
    void aStepWithoutGradientsCounts() {
        Parameter[] parameters = start(DType.FLOAT32, 2, 3);
        Optimizer optimizer = over("offload:stride=1+adamw", parameters);
        optimizer.step();
        assertEquals(1, optimizer.steps());
        Tensor moment = optimizer.state().values().iterator().next();
        assertArrayEquals(new float[3], moment.toFloatArray());
    }
}
