package org.lehr.engine.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lehr.engine.nn.Dropout;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.optim.AdamW;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Sgd;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class CheckpointTest {

    @TempDir
    private Path folder;

    private Trainer<Tensor> written;

    private static Layer layer(long seed, long hidden) {
        RandomStream random = new RandomStream(seed);
        return new Sequential(
                new Linear(3, hidden, true, random.split("first")),
                new Dropout(0.3, random.split("dropout")),
                new Linear(hidden, 2, true, random.split("second")));
    }

    private static Trainer<Tensor> trainer(Layer layer) {
        return trainer(layer, new AdamW(List.of(ParameterGroup.all(layer)), new Constant(0.01), 0.1));
    }

    private static Trainer<Tensor> trainer(Layer layer, Optimizer optimizer) {
        return new Trainer<>(layer, new Rows(layer::apply, 4), optimizer, Trainer.Form.DEFAULT);
    }

    private static SequencedMap<String, double[]> everything(Trainer<?> trainer) {
        SequencedMap<String, double[]> all = new LinkedHashMap<>();
        trainer.module().state().forEach((path, t) -> all.put("model " + path, t.toDoubleArray()));
        trainer.optimizer().state().forEach((path, t) -> all.put("optimizer " + path, t.toDoubleArray()));
        trainer.module()
                .streams()
                .forEach((path, s) ->
                        all.put("stream " + path, new double[] {s.state().counter()}));
        trainer.objective().place().forEach((path, at) -> all.put("data " + path, new double[] {at}));
        all.put("steps", new double[] {trainer.steps()});
        return all;
    }

    private static void assertSame(SequencedMap<String, double[]> expected, SequencedMap<String, double[]> actual) {
        assertEquals(List.copyOf(expected.keySet()), List.copyOf(actual.keySet()));
        expected.forEach((path, values) -> assertArrayEquals(values, actual.get(path), path));
    }

    @BeforeEach
    void write() throws IOException {
        written = trainer(layer(1, 5));
        for (int i = 0; i < 3; i++) {
            written.step();
        }
        Checkpoint.write(folder, written, 0.25, 2);
    }

    @Test
    void aRunGoesOnWithTheSameBits() throws IOException {
        Trainer<Tensor> resumed = trainer(layer(1, 5));
        resumed.step();
        Checkpoint.Progress progress = Checkpoint.restore(folder, resumed);
        assertEquals(3, progress.step());
        assertEquals(0.25, progress.bestLoss());
        assertEquals(2, progress.bestStep());
        assertSame(everything(written), everything(resumed));
        for (int i = 0; i < 4; i++) {
            StepReport expected = written.step();
            StepReport actual = resumed.step();
            assertEquals(expected.loss(), actual.loss());
            assertEquals(expected.gradientNorm(), actual.gradientNorm());
        }
        assertSame(everything(written), everything(resumed));
    }

    @Test
    void beforeTheFirstValidationTheBestLossIsInfinite() throws IOException {
        Checkpoint.write(folder, written, Double.POSITIVE_INFINITY, 0);
        assertEquals(Double.POSITIVE_INFINITY, Checkpoint.progress(folder).bestLoss());
    }

    @Test
    void aModuleAloneTakesTheParameters() throws IOException {
        Layer module = layer(9, 5);
        Checkpoint.restore(folder, module);
        module.state()
                .forEach((path, tensor) -> assertArrayEquals(
                        written.module().state().get(path).toFloatArray(), tensor.toFloatArray(), path));
    }

    @Test
    void bfloat16MastersAreKept() throws IOException {
        Layer half = layer(1, 5);
        half.convert(DType.BFLOAT16);
        half.train(false);
        Optimizer optimizer = new Sgd(List.of(ParameterGroup.all(half)), new Constant(1e-3), 0.9);
        Trainer<Tensor> first = new Trainer<>(
                half, new Rows(x -> half.apply(x.to(DType.BFLOAT16)), 4), optimizer, Trainer.Form.DEFAULT);
        first.step();
        Checkpoint.write(folder, first, 1, 1);
        Layer again = layer(1, 5);
        again.convert(DType.BFLOAT16);
        Trainer<Tensor> second = trainer(again, new Sgd(List.of(ParameterGroup.all(again)), new Constant(1e-3), 0.9));
        Checkpoint.restore(folder, second);
        assertSame(everything(first), everything(second));
        assertTrue(second.optimizer().state().containsKey("master/0.weight"));
    }

    @Test
    void anotherModelIsRefusedByName() throws IOException {
        refused(trainer(layer(1, 7)), "does not fit this model", "0.weight", "[7, 3]", "[5, 3]");
        Layer deeper = new Sequential(layer(1, 5), new Linear(2, 2, true, new RandomStream(2)));
        refused(trainer(deeper), "does not fit this model", "1.random", "0.1.random");
        RandomStream random = new RandomStream(1);
        Layer renamed = new Sequential(
                new Linear(3, 5, false, random.split("first")),
                new Dropout(0.3, random.split("dropout")),
                new Linear(5, 2, true, random.split("second")));
        refused(trainer(renamed), "does not fit this model", "unexpected [0.bias]");
        Layer other = layer(1, 7);
        String message = assertThrows(CheckpointException.class, () -> Checkpoint.restore(folder, other))
                .getMessage();
        assertTrue(message.contains("0.weight"), message);
    }

    @Test
    void anotherOptimizerSeedOrObjectiveIsRefused() throws IOException {
        Layer layer = layer(1, 5);
        refused(
                trainer(layer, new Sgd(List.of(ParameterGroup.all(layer)), new Constant(0.01), 0.9)),
                "missing [momentum/0.bias",
                "unexpected [exp_avg/0.bias");
        refused(trainer(layer(2, 5)), "random stream 1.random", "another seed");
        Layer same = layer(1, 5);
        refused(
                new Trainer<>(
                        same,
                        new Rows(same::apply, 4, "line"),
                        new AdamW(List.of(ParameterGroup.all(same)), new Constant(0.01), 0.1),
                        Trainer.Form.DEFAULT),
                "[position]",
                "[line]");
    }

    @Test
    void damagedFilesAreNamed() throws IOException {
        Path progress = folder.resolve("progress.json");
        String whole = Files.readString(progress);
        Files.writeString(progress, whole.substring(0, whole.length() / 2));
        refused(trainer(layer(1, 5)), "progress.json", "damaged");
        Files.writeString(progress, "{\"step\":3}");
        refused(trainer(layer(1, 5)), "progress.json", "damaged", "streams");
        Files.delete(progress);
        refused(trainer(layer(1, 5)), "progress.json is missing");
        Files.writeString(progress, whole);
        Files.delete(folder.resolve("optimizer.safetensors"));
        refused(trainer(layer(1, 5)), "optimizer.safetensors is missing");
    }

    private void refused(Trainer<Tensor> trainer, String... parts) throws IOException {
        trainer.step();
        SequencedMap<String, double[]> before = everything(trainer);
        String message = assertThrows(CheckpointException.class, () -> Checkpoint.restore(folder, trainer))
                .getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
        assertSame(before, everything(trainer));
    }
}
