package org.lehr.engine.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.transformer.Head;
import org.lehr.engine.nn.transformer.Initial;
import org.lehr.engine.nn.transformer.TransformerConfig;
import org.lehr.engine.nn.transformer.TransformerLM;
import org.lehr.engine.nn.transformer.TransformerSizes;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

final class GeneratorTest {

    private static TransformerLM model() {
        TransformerConfig config = TransformerConfig.of(new TransformerSizes(11, 5, 1, 4, 2, 1, 3))
                .withBlock(block -> block.withDropout(0.5))
                .withHead(Head.plain().withTied(true))
                .withInitial(new Initial(0.5, true));
        return new TransformerLM(config, new RandomStream(41));
    }

    /// Predicts the sum of what it sees, modulo the vocabulary, and keeps what it saw.
    private static final class Adder extends Layer implements LanguageModel {

        private final List<List<Long>> seen = new ArrayList<>();

        @Override
        protected Tensor forward(Tensor tokens) {
            assertFalse(isTraining());
            long[] values = tokens.toLongArray();
            seen.add(Arrays.stream(values).boxed().toList());
            int length = (int) tokens.extent(1);
            float[] scores = new float[values.length * 7];
            for (int t = 0; t < values.length; t++) {
                long sum = Arrays.stream(values, t - t % length, t + 1).sum();
                scores[(int) (t * 7 + sum % 7)] = 1;
            }
            return Tensor.of(scores, tokens.extent(0), length, 7);
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
    void aPromptInABatchIsContinuedAsAlone() {
        TransformerLM model = model();
        List<int[]> prompts =
                List.of(new int[] {3}, new int[] {1, 2, 3, 4}, new int[] {5, 6}, new int[] {3}, new int[9]);
        for (Sampling sampling : List.of(Sampling.greedy(), new Sampling(1.2, 0, 1), new Sampling(1, 5, 0.9, 0.05))) {
            List<int[]> together =
                    new Generator(model, sampling, new RandomStream(8)).extend(prompts, 30, (sequence, token) -> true);
            for (int i = 0; i < prompts.size(); i++) {
                assertArrayEquals(
                        new Generator(model, sampling, new RandomStream(8)).extend(prompts.get(i), 30, t -> {}),
                        together.get(i),
                        sampling + ", prompt " + i);
            }
        }
    }

    @Test
    void sequencesEndOneByOne() {
        // Sums modulo 7 over the last three: 1 2 | 3 6 4 6 ..., 2 2 | 4 1 0 5 ..., 6 | 6 5 3 0 ...
        Generator.Form form = new Generator.Form(List.of(), Sampling.greedy(), Set.of(4));
        List<List<Integer>> told = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        List<int[]> texts = new Generator(new Adder(), form, new RandomStream(1))
                .extend(List.of(new int[] {1, 2}, new int[] {2, 2}, new int[] {6}), 4, (sequence, token) -> {
                    told.get(sequence).add(token);
                    return token != 3 || sequence == 0;
                });
        assertArrayEquals(new int[] {1, 2, 3, 6, 4}, texts.get(0));
        assertArrayEquals(new int[] {2, 2, 4}, texts.get(1));
        assertArrayEquals(new int[] {6, 6, 5, 3}, texts.get(2));
        assertEquals(List.of(List.of(3, 6, 4), List.of(4), List.of(6, 5, 3)), told);
    }

    @Test
    void processorsComeBeforeTheChoice() {
        LogitProcessor opposite = (tokens, prompt, scores) -> {
            assertEquals(1, prompt);
            float[] turned = new float[scores.length];
            turned[(tokens.length - prompt) % 7] = 1;
            return turned;
        };
        Generator.Form form =
                new Generator.Form(List.of(opposite, new BannedTokens(Set.of(2))), Sampling.greedy(), Set.of());
        int[] text = new Generator(new Adder(), form, new RandomStream(1)).extend(new int[] {5}, 4, t -> {});
        assertArrayEquals(new int[] {5, 0, 1, 0, 3}, text);
    }

    @Test
    void promptsMustBeOfTheVocabulary() {
        for (int token : new int[] {-1, 7}) {
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> greedy(new Adder()).extend(new int[] {1, token}, 3, t -> {}))
                    .getMessage();
            assertTrue(message.contains("token " + token + ", expected 0 to 6"), message);
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
