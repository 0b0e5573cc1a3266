package org.lehr.engine.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

final class ProcessorsTest {

    private static final float NO = Float.NEGATIVE_INFINITY;
    private static final int[] SEEN = {0, 1, 2, 0, 1, 0};

    private static void assertScores(LogitProcessor processor, float[] scores, float... expected) {
        float[] before = scores.clone();
        int[] seen = SEEN.clone();
        assertArrayEquals(expected, processor.apply(seen, 4, scores), 1e-6f);
        assertArrayEquals(before, scores, "the scores that were given");
        assertArrayEquals(SEEN, seen);
    }

    @Test
    void repetitionDividesOrMultiplies() {
        assertScores(new RepetitionPenalty(2), new float[] {3, -3, 0, 1}, 1.5f, -6, 0, 1);
        assertScores(new RepetitionPenalty(0.5), new float[] {3, -3, NO, 1}, 6, -1.5f, NO, 1);
    }

    @Test
    void occurrencesCountBehindThePromptOnly() {
        assertScores(new OccurrencePenalty(0.5, 0.25), new float[] {1, 1, 1, 1}, 0.25f, 0.25f, 1, 1);
        LogitProcessor all = (tokens, prompt, scores) -> new OccurrencePenalty(0.5, 0.25).apply(tokens, 0, scores);
        assertScores(all, new float[] {1, 1, 1, 1}, -0.25f, 0, 0.25f, 1);
    }

    @Test
    void rowsOfTokensDoNotComeTwice() {
        assertScores(new NoRepeatNgram(1), new float[] {1, 2, 3, 4}, NO, NO, NO, 4);
        // After 0 came 1 twice.
        assertScores(new NoRepeatNgram(2), new float[] {1, 2, 3, 4}, 1, NO, 3, 4);
        // After 1, 0 nothing came yet.
        assertScores(new NoRepeatNgram(3), new float[] {1, 2, 3, 4}, 1, 2, 3, 4);
        assertScores(new NoRepeatNgram(7), new float[] {1, 2, 3, 4}, 1, 2, 3, 4);
        float[] after = new NoRepeatNgram(3).apply(new int[] {0, 1, 2, 0, 1}, 5, new float[] {1, 2, 3, 4});
        assertArrayEquals(new float[] {1, 2, NO, 4}, after);
        assertArrayEquals(new float[] {1}, new NoRepeatNgram(2).apply(new int[] {0}, 1, new float[] {1}));
    }

    @Test
    void bestTokensAreKept() {
        assertScores(new TopK(2), new float[] {1, 3, 3, 2}, NO, 3, 3, NO);
        assertScores(new TopK(9), new float[] {1, NO, 3, 2}, 1, NO, 3, 2);
        float[] tenths = {(float) Math.log(1), (float) Math.log(4), (float) Math.log(2), (float) Math.log(3)};
        assertScores(new TopP(0.65), tenths, NO, tenths[1], NO, tenths[3]);
        assertScores(new MinP(0.6), tenths, NO, tenths[1], NO, tenths[3]);
        assertScores(new MinP(0), tenths, tenths);
        assertScores(new MinP(1), new float[] {1, 3, 3, 2}, NO, 3, 3, NO);
        assertScores(new BannedTokens(Set.of(1, 3)), new float[] {1, 3, 3, 2}, 1, NO, 3, NO);
        assertScores(new Temperature(0.5), new float[] {1, 3, NO, 2}, -4, 0, NO, -2);
    }

    @Test
    void samplingKnowsTheShareOfTheBest() {
        Sampling sampling = new Sampling(1, 0, 1, 0.6);
        float[] tenths = {(float) Math.log(1), (float) Math.log(4), (float) Math.log(2), (float) Math.log(3)};
        int[] counts = new int[4];
        for (int i = 0; i < 700; i++) {
            counts[sampling.choose(tenths, (i + 0.5) / 700)]++;
        }
        assertArrayEquals(new int[] {0, 400, 0, 300}, counts);
    }

    @Test
    void refusalsNameTheValue() {
        List<Executable> mistakes = List.of(
                () -> new Temperature(0),
                () -> new TopK(0),
                () -> new TopP(0),
                () -> new MinP(-0.0001),
                () -> new RepetitionPenalty(0),
                () -> new OccurrencePenalty(0, Double.NaN),
                () -> new NoRepeatNgram(0),
                () -> new Sampling(1, 0, 1, 2),
                () -> new BeamSearch(0, 1, List.of(), Set.of()),
                () -> new BeamSearch(1, -1, List.of(), Set.of()),
                () -> new BannedTokens(Set.of(4)).apply(SEEN, 0, new float[4]));
        for (Executable mistake : mistakes) {
            String message =
                    assertThrows(IllegalArgumentException.class, mistake).getMessage();
            assertTrue(message.matches(".*got.* -?[\\dN].*"), message);
        }
    }
}
