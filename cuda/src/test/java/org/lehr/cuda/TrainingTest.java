package org.lehr.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.train.Checkpoint;
import org.lehr.engine.train.LanguageModelSetup;
import org.lehr.engine.train.RunConfig;
import org.lehr.engine.train.Trainer;

/// What `lehr train --device` does, at toy size on the machine that interprets PTX.
class TrainingTest {

    private static final int STEPS = 4;

    /// Sums in other orders, which a few steps make no larger than this.
    private static final double TOLERANCE = 1e-4;

    @TempDir
    private Path folder;

    private RunConfig config(String arch) throws IOException {
        Path text = folder.resolve("text.txt");
        Files.writeString(text, "The quick brown fox jumps over the lazy dog, again and again.\n".repeat(60));
        return new RunConfig(
                11,
                "float32",
                new RunConfig.Data(text.toString(), 64, "byte"),
                new RunConfig.Model(arch, 2, 16, 2, 1, 24, 8, 0.1, RunConfig.Experts.DEFAULT),
                new RunConfig.Optimization("adamw", "cosine", 1e-2, 1, 0.1, 1, 2, STEPS));
    }

    private List<Double> losses(String device, String arch, int steps) throws IOException {
        LanguageModelSetup[] setup = new LanguageModelSetup[1];
        RunConfig config = config(arch);
        return Device.of(device).with(() -> {
            setup[0] = new LanguageModelSetup(config);
            Trainer<?> trainer = setup[0].trainer();
            List<Double> losses = new ArrayList<>();
            for (int i = 0; i < steps; i++) {
                losses.add(trainer.step().loss());
            }
            losses.addAll(setup[0].validate().values());
            return losses;
        });
    }

    private List<Double> agrees(String arch, int steps) throws IOException {
        List<Double> expected = losses("cpu", arch, steps);
        List<Double> actual = losses("ptx", arch, steps);
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i), actual.get(i), TOLERANCE, arch + ": loss " + i + " of " + actual);
        }
        return expected;
    }

    @Test
    void trainsATransformerAsTheProcessorDoes() throws IOException {
        List<Double> losses = agrees("transformer", STEPS);
        assertTrue(losses.getFirst() > losses.get(STEPS - 1), "training lowers the loss: " + losses);
    }

    @Test
    void trainsMixturesAndStatesAsTheProcessorDoes() throws IOException {
        agrees("moe", 1);
        agrees("mamba2", 1);
    }

    @Test
    void goesOnFromACheckpointThatTheProcessorWrote() throws IOException {
        Path checkpoint = folder.resolve("checkpoint");
        RunConfig config = config("transformer");
        Trainer<?> begun = new LanguageModelSetup(config).trainer();
        begun.step();
        begun.step();
        Files.createDirectories(checkpoint);
        Checkpoint.write(checkpoint, begun, 0, 0);
        double expected = begun.step().loss();
        double actual = Device.of("ptx").with(() -> {
            Trainer<?> trainer = new LanguageModelSetup(config).trainer();
            try {
                Checkpoint.restore(checkpoint, trainer);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return trainer.step().loss();
        });
        assertEquals(expected, actual, TOLERANCE);
    }

    @Test
    void movesTensorsAndTheirGradients() {
        Device ptx = Device.of("ptx");
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3).requiringGradient();
        Tensor there = x.transpose(0, 1).to(ptx);
        assertEquals(ptx, there.device());
        Tensor sum = there.mul(there).sum().to(Device.cpu());
        assertEquals(91, sum.item());
        sum.backward();
        assertEquals(Device.cpu(), x.gradient().device());
        assertArrayEquals(new float[] {2, 4, 6, 8, 10, 12}, x.gradient().toFloatArray());
    }
}
