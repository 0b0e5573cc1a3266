package org.lehr.engine.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.transformer.Head;
import org.lehr.engine.nn.transformer.Initial;
import org.lehr.engine.nn.transformer.TransformerConfig;
import org.lehr.engine.nn.transformer.TransformerLM;
import org.lehr.engine.nn.transformer.TransformerSizes;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

final class BeamSearchTest {

    private static final int VOCABULARY = 4;
    private static final int[] PROMPT = {1, 3};

    private static TransformerLM model() {
        TransformerConfig config = TransformerConfig.of(new TransformerSizes(VOCABULARY, 16, 1, 8, 2, 1, 8))
                .withHead(Head.plain().withTied(true))
                .withInitial(new Initial(0.8, true));
        return new TransformerLM(config, new RandomStream(23));
    }

    /// Every text of at most `count` new tokens, none behind a stop.
    private static void all(int[] tokens, int count, Set<Integer> stops, List<int[]> texts) {
        boolean ended = tokens.length > PROMPT.length && stops.contains(tokens[tokens.length - 1]);
        if (ended || tokens.length == PROMPT.length + count) {
            texts.add(tokens);
            return;
        }
        for (int token = 0; token < VOCABULARY; token++) {
            int[] longer = Arrays.copyOf(tokens, tokens.length + 1);
            longer[tokens.length] = token;
            all(longer, count, stops, texts);
        }
    }

    private static double value(TransformerLM model, int[] text, double lengthPenalty) {
        double sum = 0;
        for (int at = PROMPT.length; at < text.length; at++) {
            Tensor logits = model.logits(Tensor.of(Arrays.copyOf(text, at), 1, at));
            sum += Scores.logProbabilities(logits.slice(1, at - 1, at).toFloatArray())[text[at]];
        }
        return sum / Math.pow(text.length - PROMPT.length, lengthPenalty);
    }

    @Test
    void enoughBeamsFindTheBestOfAll() {
        TransformerLM model = model();
        for (double penalty : new double[] {0, 1, 2.5}) {
            for (Set<Integer> stops : List.of(Set.<Integer>of(), Set.of(2), Set.of(0, 3))) {
                List<int[]> texts = new ArrayList<>();
                all(PROMPT, 4, stops, texts);
                int[] expected = null;
                double best = Double.NEGATIVE_INFINITY;
                for (int[] text : texts) {
                    double value = value(model, text, penalty);
                    if (value > best) {
                        best = value;
                        expected = text;
                    }
                }
                int[] found = new BeamSearch(256, penalty, List.of(), stops).extend(model, PROMPT, 4);
                assertArrayEquals(expected, found, "penalty " + penalty + ", stops " + stops);
            }
        }
    }

    @Test
    void oneBeamIsGreedy() {
        TransformerLM model = model();
        int[] greedy = new Generator(model, Sampling.greedy(), new RandomStream(1)).extend(PROMPT, 9, token -> {});
        assertArrayEquals(greedy, new BeamSearch(1, 1, List.of(), Set.of()).extend(model, PROMPT, 9));
        assertEquals(2, new BeamSearch(3, 1, List.of(), Set.of()).extend(model, PROMPT, 0).length);
    }

    @Test
    void forbiddenTokensAreNotFound() {
        TransformerLM model = model();
        BeamSearch search = new BeamSearch(3, 1, List.of(new BannedTokens(Set.of(0, 3))), Set.of());
        int[] found = search.extend(model, PROMPT, 6);
        assertEquals(8, found.length);
        assertArrayEquals(
                new int[0],
                Arrays.stream(found, 2, 8).filter(t -> t == 0 || t == 3).toArray());
    }
}
