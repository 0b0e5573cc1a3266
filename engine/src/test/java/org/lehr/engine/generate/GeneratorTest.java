package org.lehr.engine.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.TransformerConfig;
import org.lehr.engine.nn.TransformerConfig.Choices;
import org.lehr.engine.nn.TransformerLM;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

final class GeneratorTest {

    private static TransformerLM model() {
        Choices choices = new Choices(Activation.SILU, true, true, true, 0, 0.5, 0.5);
        return new TransformerLM(new TransformerConfig(11, 5, 1, 4, 2, 1, 3, choices), new RandomStream(41));
    }

    /// Predicts the sum of what it sees, modulo the vocabulary, and keeps what it saw.
    private static final class Adder extends Layer implements LanguageModel {

        private final List<List<Long>> seen = new ArrayList<>();

        @Override
        protected Tensor forward(Tensor tokens) {
            assertFalse(isTraining());
            long[] values = tokens.toLongArray();
            seen.add(Arrays.stream(values).boxed().toList());
            float[] scores = new float[values.length * 7];
            for (int t = 0; t < values.length; t++) {
                long sum = Arrays.stream(values, 0, t + 1).sum();
                scores[(int) (t * 7 + sum % 7)] = 1;
            }
            return Tensor.of(scores, 1, values.length, 7);
        }

        @Override
        public Tensor logits(Tensor tokens) {
            return apply(tokens);
        }

        @Override
        public long context() {
            return 3;
        }

        @Override
        public long vocabulary() {
            return 7;
        }

        @Override
        public Module module() {
            return this;
        }

        @Override
        public double flopsPerToken() {
            return 0;
        }
    }

    private static Generator greedy(LanguageModel model) {
        return new Generator(model, new Sampling(0, 0, 1), new RandomStream(1));
    }

    @Test
    void theModelSeesTheLastTokensThatFit() {
        Adder model = new Adder();
        List<Integer> told = new ArrayList<>();
        int[] tokens = greedy(model).extend(new int[] {1, 2}, 4, told::add);
        assertArrayEquals(new int[] {1, 2, 3, 6, 4, 6}, tokens);
        assertEquals(List.of(3, 6, 4, 6), told);
        assertEquals(
                List.of(List.of(1L, 2L), List.of(1L, 2L, 3L), List.of(2L, 3L, 6L), List.of(3L, 6L, 4L)), model.seen);
        assertTrue(model.isTraining());
    }

    @Test
    void aLongPromptIsKeptWhole() {
        Adder model = new Adder();
        assertArrayEquals(
                new int[] {6, 6, 6, 1, 1, 1, 3}, greedy(model).extend(new int[] {6, 6, 6, 1, 1, 1}, 1, t -> {}));
        assertEquals(List.of(List.of(1L, 1L, 1L)), model.seen);
    }

    @Test
    void theSeedDecidesTheText() {
        TransformerLM model = model();
        Sampling sampling = new Sampling(1, 0, 1);
        int[][] texts = new int[3][];
        long[] seeds = {5, 5, 6};
        for (int i = 0; i < 3; i++) {
            texts[i] = new Generator(model, sampling, new RandomStream(seeds[i])).extend(new int[] {3}, 40, t -> {});
        }
        assertArrayEquals(texts[0], texts[1]);
        assertFalse(Arrays.equals(texts[0], texts[2]));
        assertTrue(Arrays.stream(texts[0]).allMatch(t -> t >= 0 && t < 11));
        assertEquals(
                List.of(),
                model.parameters().values().stream()
                        .filter(p -> p.gradient() != null)
                        .toList());
    }

    @Test
    void theGreedyChoiceIsTheBestOfTheModel() {
        TransformerLM model = model();
        int[] text = greedy(model).extend(new int[] {3, 4}, 1, t -> {});
        model.train(false);
        float[] scores =
                model.logits(Tensor.of(new int[] {3, 4}, 1, 2)).slice(1, 1, 2).toFloatArray();
        for (float score : scores) {
            assertTrue(scores[text[2]] >= score);
        }
    }

    @Test
    void nothingIsAskedForNothing() {
        assertArrayEquals(new int[] {1}, greedy(new Adder()).extend(new int[] {1}, 0, t -> {}));
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> greedy(new Adder()).extend(new int[0], 3, t -> {}))
                .getMessage();
        assertTrue(message.contains("0 and 3"), message);
        Adder model = new Adder();
        assertThrows(
                IllegalStateException.class,
                () -> greedy(model).extend(new int[] {1}, 3, t -> {
                    throw new IllegalStateException("enough");
                }));
        assertTrue(model.isTraining());
    }
}
