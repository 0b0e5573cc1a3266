package org.lehr.engine.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

final class SamplingTest {

    private static final double LAST = Math.nextDown(1.0);
    private static final float NONE = Float.NEGATIVE_INFINITY;

    /// Scores of the probabilities 1/10, 4/10, 2/10, 3/10.
    private static final float[] TENTHS = logarithms(1, 4, 2, 3);

    private static float[] logarithms(double... weights) {
        float[] scores = new float[weights.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (float) Math.log(weights[i]);
        }
        return scores;
    }

    /// How many of 1000 evenly spread numbers choose each token.
    private static int[] counts(Sampling sampling, float... scores) {
        int[] counts = new int[scores.length];
        for (int i = 0; i < 1000; i++) {
            counts[sampling.choose(scores, (i + 0.5) / 1000)]++;
        }
        return counts;
    }

    private static void assertCounts(int[] actual, double... expected) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], 1, "token " + i);
        }
    }

    private static Set<Integer> reachable(Sampling sampling, float... scores) {
        int[] counts = counts(sampling, scores);
        Set<Integer> reachable = new TreeSet<>();
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                reachable.add(i);
            }
        }
        return reachable;
    }

    @Test
    void atTemperatureZeroTheFirstBestTokenIsTaken() {
        Sampling greedy = new Sampling(0, 0, 1);
        for (double uniform : new double[] {0, 0.5, LAST}) {
            assertEquals(1, greedy.choose(TENTHS, uniform));
            assertEquals(1, greedy.choose(new float[] {-5, 3, 3, 2}, uniform));
            assertEquals(0, greedy.choose(new float[] {-0.0f, 0.0f}, uniform));
            assertEquals(2, greedy.choose(new float[] {NONE, -9, -8}, uniform));
        }
    }

    @Test
    void tokensComeWithTheirProbabilities() {
        assertCounts(counts(new Sampling(1, 0, 1), TENTHS), 100, 400, 200, 300);
        // At temperature 1/2 the weights are squared: 1, 16, 4, 9 of 30.
        assertCounts(counts(new Sampling(0.5, 0, 1), TENTHS), 1000 / 30.0, 16000 / 30.0, 4000 / 30.0, 9000 / 30.0);
        assertCounts(counts(new Sampling(1e9, 0, 1), TENTHS), 250, 250, 250, 250);
        assertEquals(Set.of(1), reachable(new Sampling(1e-300, 0, 1), TENTHS));
    }

    @Test
    void topKKeepsTheBest() {
        assertEquals(Set.of(1), reachable(new Sampling(1, 1, 1), TENTHS));
        assertCounts(counts(new Sampling(1, 2, 1), TENTHS), 0, 4000 / 7.0, 0, 3000 / 7.0);
        assertCounts(counts(new Sampling(1, 99, 1), TENTHS), 100, 400, 200, 300);
        assertEquals(Set.of(0, 1), reachable(new Sampling(1, 2, 1), 3, 3, 3));
    }

    @Test
    void topPKeepsTheSmallestSetThatReachesIt() {
        assertEquals(Set.of(1), reachable(new Sampling(1, 0, 1e-9), TENTHS));
        assertEquals(Set.of(1), reachable(new Sampling(1, 0, 0.39), TENTHS));
        assertEquals(Set.of(1, 3), reachable(new Sampling(1, 0, 0.41), TENTHS));
        assertEquals(Set.of(1, 2, 3), reachable(new Sampling(1, 0, 0.71), TENTHS));
        assertEquals(Set.of(0, 1, 2, 3), reachable(new Sampling(1, 0, 0.91), TENTHS));
        // Of the two best, token 1 has 4/7.
        assertEquals(Set.of(1), reachable(new Sampling(1, 2, 0.57), TENTHS));
        assertEquals(Set.of(1, 3), reachable(new Sampling(1, 2, 0.58), TENTHS));
    }

    @Test
    void theEndsOfTheRangeChooseTheBestAndTheWorst() {
        Sampling plain = new Sampling(1, 0, 1);
        assertEquals(1, plain.choose(TENTHS, 0));
        assertEquals(0, plain.choose(TENTHS, LAST));
        assertEquals(0, plain.choose(new float[] {-7}, LAST));
        assertEquals(1, plain.choose(new float[] {NONE, 2, NONE}, LAST));
        assertEquals(0, plain.choose(new float[] {3e38f, -3e38f}, LAST));
    }

    @Test
    void ordersLikeAComparisonSort() {
        float[] scores = new float[1009];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (i * 7919 % 503 - 250) * 0.37f;
        }
        Integer[] order = new Integer[scores.length];
        java.util.Arrays.setAll(order, i -> i);
        java.util.Arrays.sort(order, (a, b) -> Float.compare(scores[b], scores[a]));
        for (int k : new int[] {1, 2, 17, 1009}) {
            // A flat distribution over the best k: the last number chooses the k-th.
            assertEquals(order[k - 1], new Sampling(1e12, k, 1).choose(scores, LAST));
        }
    }

    @Test
    void refusalsNameTheValue() {
        refused("token 2 is NaN", () -> new Sampling(1, 0, 1).choose(new float[] {1, 2, Float.NaN}, 0));
        refused("token 0 is NaN", () -> new Sampling(0, 0, 1).choose(new float[] {Float.NaN, 2}, 0));
        refused("token 1 is Infinity", () -> new Sampling(1, 0, 1).choose(new float[] {1, -NONE}, 0));
        refused("none of 2 scores", () -> new Sampling(1, 0, 1).choose(new float[] {NONE, NONE}, 0));
        refused("none of 0 scores", () -> new Sampling(1, 0, 1).choose(new float[0], 0));
        refused("-1.0", () -> new Sampling(-1, 0, 1));
        refused("NaN", () -> new Sampling(Double.NaN, 0, 1));
        refused("Infinity", () -> new Sampling(Double.POSITIVE_INFINITY, 0, 1));
        refused("-2", () -> new Sampling(1, -2, 1));
        refused("0.0", () -> new Sampling(1, 0, 0));
        refused("1.5", () -> new Sampling(1, 0, 1.5));
    }

    private static void refused(String part, Executable work) {
        String message = assertThrows(IllegalArgumentException.class, work).getMessage();
        assertTrue(message.contains(part), message);
    }
}
