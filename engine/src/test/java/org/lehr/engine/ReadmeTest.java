package org.lehr.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.optim.AdamW;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.schedule.Cosine;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// The example of the README, run, and compared with the README's text.
class ReadmeTest {

    @Test
    void theExampleLearns() {
        // begin
        RandomStream random = new RandomStream(1);
        Sequential model = new Sequential(
                new Linear(1, 32, true, random.split("hidden")),
                Sequential.of(Tensor::tanh),
                new Linear(32, 1, true, random.split("output")));
        AdamW optimizer = new AdamW(List.of(ParameterGroup.all(model)), new Cosine(0.02, 0, 500), 0.01);

        Tensor x = random.uniform(DType.FLOAT32, 256, 1).mul(6).sub(3);
        Tensor y = x.mul(x).tanh();
        double loss = Double.NaN;
        for (int step = 0; step < 500; step++) {
            try (var _ = Scope.open()) { // returns the step's memory at once; the collector would too
                Tensor error = model.apply(x).sub(y).square().mean();
                error.backward();
                optimizer.step();
                optimizer.clearGradients();
                loss = error.item();
            }
        }
        // end
        assertTrue(loss < 1e-3, "loss " + loss);
    }

    @Test
    void theReadmeShowsThisExample() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        Path readme =
                Files.exists(root.resolve("README.md")) ? root.resolve("README.md") : root.resolve("../README.md");
        String source = between(
                Files.readString(readme.resolveSibling("engine/src/test/java/org/lehr/engine/ReadmeTest.java")),
                "// begin\n",
                "// end");
        String shown = between(Files.readString(readme), "```java\n", "```");
        assertEquals(words(source), words(shown));
    }

    private static String between(String text, String begin, String end) {
        int from = text.indexOf(begin) + begin.length();
        return text.substring(from, text.indexOf(end, from));
    }

    /// The text without what layout changes.
    private static String words(String code) {
        return code.lines().map(line -> line.replaceAll("\\s+", "")).collect(Collectors.joining());
    }
}
