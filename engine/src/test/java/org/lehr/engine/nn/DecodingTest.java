package org.lehr.engine.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lehr.engine.nn.attention.QueryKeyNorm;
import org.lehr.engine.nn.transformer.Initial;
import org.lehr.engine.nn.transformer.TransformerConfig;
import org.lehr.engine.nn.transformer.TransformerLM;
import org.lehr.engine.nn.transformer.TransformerSizes;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// The cached decoding beside the full forward pass.
final class DecodingTest {

    private static final int VOCABULARY = 13;

    private static TransformerLM model(int context, long keyHeads, long window, boolean norm) {
        TransformerConfig config = TransformerConfig.of(
                        new TransformerSizes(VOCABULARY, context, 3, 24, 6, keyHeads, 10))
                .withAttention(choices ->
                        choices.withWindow(window).withNorm(norm ? QueryKeyNorm.HEAD_RMS : QueryKeyNorm.NONE))
                .withBlock(block -> block.withDropout(0.3))
                .withInitial(new Initial(0.4, true));
        TransformerLM model = new TransformerLM(config, new RandomStream(7));
        model.train(false);
        return model;
    }

    private static int[] tokens(int count, long seed) {
        return new Random(seed).ints(count, 0, VOCABULARY).toArray();
    }

    private static void assertLast(TransformerLM model, int[] sequence, float[] actual, double delta) {
        Tensor logits = model.logits(Tensor.of(sequence, 1, sequence.length));
        double[] expected =
                logits.slice(1, sequence.length - 1, sequence.length).toDoubleArray();
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        for (int i = 0; i < VOCABULARY; i++) {
            assertEquals(expected[i], actual[i], delta * largest, "after " + sequence.length + " tokens, token " + i);
        }
    }

    @ParameterizedTest
    @CsvSource({"6,0,true", "2,0,false", "1,0,true", "3,5,true", "2,256,false", "2,300,false"})
    void aStepEqualsTheWholePass(long keyHeads, long window, boolean norm) {
        // One token, a page, a page and one, and almost two.
        TransformerLM model = model(600, keyHeads, window, norm);
        List<int[]> sequences = new ArrayList<>(List.of(tokens(1, 1), tokens(256, 2), tokens(257, 3), tokens(505, 4)));
        Decoding decoding = model.decode(sequences);
        for (int step = 0; step < 80; step++) {
            if (step % 20 == 0 || step > 77) {
                for (int i = 0; i < sequences.size(); i++) {
                    assertLast(model, sequences.get(i), decoding.scores()[i], 1e-5);
                }
            }
            int[] next = tokens(sequences.size(), 100 + step);
            for (int i = 0; i < next.length; i++) {
                sequences.set(i, append(sequences.get(i), next[i]));
            }
            decoding.append(next);
        }
    }

    private static int[] append(int[] tokens, int token) {
        int[] longer = Arrays.copyOf(tokens, tokens.length + 1);
        longer[tokens.length] = token;
        return longer;
    }

    @Test
    void otherPrecisionsKeepTheirOwnCaches() {
        for (DType dtype : List.of(DType.FLOAT64, DType.BFLOAT16)) {
            TransformerLM model = model(300, 3, 0, true);
            model.convert(dtype);
            int[] sequence = tokens(230, 5);
            Decoding decoding = model.decode(List.of(sequence));
            for (int step = 0; step < 70; step++) {
                int token = step % VOCABULARY;
                sequence = append(sequence, token);
                decoding.append(new int[] {token});
            }
            assertLast(model, sequence, decoding.scores()[0], dtype == DType.FLOAT64 ? 1e-7 : 0.05);
        }
    }

    @Test
    void selectedSequencesGoTheirOwnWays() {
        TransformerLM model = model(300, 2, 0, true);
        List<int[]> sequences = List.of(tokens(5, 1), tokens(270, 2), tokens(256, 3));
        Decoding decoding = model.decode(sequences);
        int[] rows = {1, 1, 2, 1, 2};
        decoding.select(rows);
        for (int i = 0; i < rows.length; i++) {
            assertLast(model, sequences.get(rows[i]), decoding.scores()[i], 1e-5);
        }
        int[] next = {1, 2, 3, 4, 5};
        decoding.append(next);
        decoding.append(new int[] {6, 7, 8, 9, 10});
        for (int i = 0; i < rows.length; i++) {
            assertLast(model, append(append(sequences.get(rows[i]), next[i]), 6 + i), decoding.scores()[i], 1e-5);
        }
        decoding.select(new int[] {4});
        assertEquals(1, decoding.scores().length);
        assertLast(model, append(append(sequences.get(2), 5), 10), decoding.scores()[0], 1e-5);
    }

    @Test
    void aFullContextGoesOnWithItsLastHalf() {
        TransformerLM model = model(10, 2, 0, true);
        int[] sequence = tokens(8, 1);
        Decoding decoding = model.decode(List.of(sequence));
        for (int step = 0; step < 9; step++) {
            sequence = append(sequence, step);
            decoding.append(new int[] {step});
            // 9 and 10 tokens fit; the eleventh begins anew with five, six, ...
            int visible = sequence.length <= 10 ? sequence.length : 5 + (sequence.length - 11) % 6;
            int[] seen = Arrays.copyOfRange(sequence, sequence.length - visible, sequence.length);
            assertLast(model, seen, decoding.scores()[0], 1e-5);
        }
        int[] prompt = tokens(25, 9);
        assertLast(
                model,
                Arrays.copyOfRange(prompt, 15, 25),
                model.decode(List.of(prompt)).scores()[0],
                1e-5);
    }

    @Test
    void aSequenceDoesNotDependOnTheBatch() {
        TransformerLM model = model(300, 3, 0, true);
        List<int[]> prompts = List.of(tokens(3, 1), tokens(257, 2), tokens(3, 3), tokens(20, 4), tokens(3, 1));
        Decoding together = model.decode(prompts);
        Decoding recomputed = new RecomputedDecoding(model, prompts);
        List<Decoding> alone =
                prompts.stream().map(prompt -> model.decode(List.of(prompt))).toList();
        for (int step = 0; step < 12; step++) {
            int[] next = tokens(prompts.size(), step);
            together.append(next);
            recomputed.append(next);
            for (int i = 0; i < next.length; i++) {
                alone.get(i).append(new int[] {next[i]});
                assertArrayEquals(alone.get(i).scores()[0], together.scores()[i], 1e-5f, "sequence " + i);
                assertArrayEquals(recomputed.scores()[i], together.scores()[i], 1e-5f, "sequence " + i);
            }
        }
    }
}
