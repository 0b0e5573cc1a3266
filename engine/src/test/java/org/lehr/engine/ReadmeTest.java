package org.lehr.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lehr.engine.io.SafetensorsWriter;
import org.lehr.engine.io.TensorSource;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.nn.Weights;
import org.lehr.engine.nn.preset.Gpt2;
import org.lehr.engine.nn.transformer.TransformerLM;
import org.lehr.engine.nn.transformer.TransformerSizes;
import org.lehr.engine.optim.AdamW;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.schedule.Cosine;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Scope;

/// The examples of the README, run, and compared with the README's text.
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
    void publicFilesLoad(@TempDir Path folder) throws IOException {
        TransformerSizes sizes = new TransformerSizes(11, 9, 2, 8, 2, 2, 12);
        RandomStream random = new RandomStream(2);
        TransformerLM published = new TransformerLM(Gpt2.of(sizes), new RandomStream(1));
        SequencedMap<String, View> tensors = new LinkedHashMap<>();
        published.state().forEach((name, tensor) -> tensors.put("transformer." + name, tensor.view()));
        tensors.put("transformer.h.0.attn.bias", Tensor.ones(1, 1, 9, 9).view());
        SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of());
        // begin
        TransformerLM model = new TransformerLM(Gpt2.of(sizes), random);
        try (TensorSource file = TensorSource.open(folder)) {
            Weights.load(model, file, Gpt2.names()).requireComplete();
        }
        // end
        published
                .state()
                .forEach((name, tensor) -> assertArrayEquals(
                        tensor.toFloatArray(), model.state().get(name).toFloatArray(), name));
    }

    @Test
    void theReadmeShowsTheseExamples() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        Path readme =
                Files.exists(root.resolve("README.md")) ? root.resolve("README.md") : root.resolve("../README.md");
        String source = Files.readString(readme.resolveSibling("engine/src/test/java/org/lehr/engine/ReadmeTest.java"));
        assertEquals(parts(source, "// begin\n", "// end\n"), parts(Files.readString(readme), "```java\n", "```"));
    }

    /// What stands between each beginning and the end behind it.
    private static List<String> parts(String text, String begin, String end) {
        return Pattern.compile(Pattern.quote(begin) + "(.*?)" + Pattern.quote(end), Pattern.DOTALL)
                .matcher(text)
                .results()
                .map(match -> words(match.group(1)))
                .toList();
    }

    /// The text without what layout changes.
    private static String words(String code) {
        return code.lines().map(line -> line.replaceAll("\\s+", "")).collect(Collectors.joining());
    }
}
