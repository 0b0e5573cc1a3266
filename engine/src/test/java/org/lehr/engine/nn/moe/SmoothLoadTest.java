package org.lehr.engine.nn.moe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lehr.engine.nn.moe.Routes.WEIGHT;
import static org.lehr.engine.nn.moe.Routes.normal;
import static org.lehr.engine.nn.moe.Routes.random;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.tensor.Tensor;

final class SmoothLoadTest {

    private static Routing routing(Tensor clean, Tensor sizes, Tensor noisy, int k) {
        Scores scores = new Scores(noisy, noisy.softmax(-1), new Scores.Noise(clean, sizes));
        Tensor indices = TopK.of(k).select(scores.probabilities());
        int e = (int) clean.extent(-1);
        return new Routing(e, indices, TopK.of(k).weigh(scores.probabilities(), indices), scores, new long[e]);
    }

    /// `∫ φ(u)·[clean + size·u is among the k best beside the other noisy logits] du` by small steps.
    private static double integral(double clean, double size, double[] others, int k) {
        double[] sorted = DoubleStream.of(others).sorted().toArray();
        double bar = sorted[sorted.length - k];
        double step = 1e-4;
        double sum = 0;
        for (double u = -9; u < 9; u += step) {
            sum += clean + size * u > bar ? Math.exp(-u * u / 2) * step / Math.sqrt(2 * Math.PI) : 0;
        }
        return sum;
    }

    @Test
    void probabilitiesAreTheIntegralsOverTheNoise() {
        Tensor clean = normal(1, 1, 3, 5);
        Tensor sizes = normal(2, 1, 3, 5).abs().add(0.1);
        Tensor noisy = clean.add(normal(3, 1, 3, 5).mul(sizes));
        for (int k : new int[] {1, 2, 4}) {
            double[] found =
                    SmoothLoad.probabilities(routing(clean, sizes, noisy, k)).toDoubleArray();
            double[] load = new double[5];
            for (int t = 0; t < 3; t++) {
                double[] row = Arrays.copyOfRange(noisy.toDoubleArray(), 5 * t, 5 * t + 5);
                for (int i = 0; i < 5; i++) {
                    int own = i;
                    double[] others = IntStream.range(0, 5)
                            .filter(j -> j != own)
                            .mapToDouble(j -> row[j])
                            .toArray();
                    int at = 5 * t + i;
                    double exact = integral(clean.toDoubleArray()[at], sizes.toDoubleArray()[at], others, k);
                    assertEquals(exact, found[at], 1e-4);
                    load[i] += found[at];
                }
            }
            double mean = DoubleStream.of(load).average().orElseThrow();
            double variance = DoubleStream.of(load)
                    .map(x -> (x - mean) * (x - mean))
                    .average()
                    .orElseThrow();
            assertEquals(
                    variance / (mean * mean),
                    new SmoothLoad().of(routing(clean, sizes, noisy, k)).item(),
                    1e-12);
        }
    }

    @Test
    void handValues() {
        // One token, logits 1 and 0 with noise of size 1: each is chosen with Φ(1) and Φ(−1).
        Tensor clean = Tensor.of(new double[] {1, 0}, 1, 1, 2);
        Routing one = routing(clean, clean.fullLike(1), clean, 1);
        double chosen = 0.8413447460685429;
        assertArrayEquals(
                new double[] {chosen, 1 - chosen}, SmoothLoad.probabilities(one).toDoubleArray(), 1e-12);
        assertEquals(Math.pow(2 * chosen - 1, 2), new SmoothLoad().of(one).item(), 1e-12);
        assertEquals(
                0,
                new SmoothLoad().of(routing(clean, clean.fullLike(1), clean, 2)).item());
        Tensor even = clean.mul(0);
        assertEquals(0, new SmoothLoad().of(routing(even, even, even, 1)).item());
    }

    @Test
    void gradientsAreThoseOfCentralDifferences() {
        var router = new NoisyTopKRouter(3, 4, TopK.of(2), WEIGHT, random(5));
        router.train(false);
        LayerGradient.check(router, x -> new SmoothLoad().of(router.route(RouterInput.of(x[0]))), normal(1, 2, 5, 3));
    }

    @Test
    void trainingDrawsNoiseAndReachesItsSizes() {
        var router = Routes.wide(new NoisyTopKRouter(3, 4, TopK.of(2), WEIGHT, random(5)));
        Routing routing = router.route(RouterInput.of(normal(1, 2, 5, 3)));
        assertNotEquals(
                routing.scores().logits().toDoubleArray()[0],
                routing.scores().noise().clean().toDoubleArray()[0]);
        new SmoothLoad().of(routing).backward();
        router.parameters()
                .values()
                .forEach(parameter -> assertTrue(
                        Arrays.stream(parameter.gradient().toDoubleArray()).anyMatch(x -> x != 0)));
    }

    @Test
    void aRouterWithoutNoiseIsRefused() {
        Routing routing = Routes.softmax(3, 4, TopK.of(2)).route(RouterInput.of(normal(1, 2, 5, 3)));
        String message = assertThrows(IllegalArgumentException.class, () -> new SmoothLoad().of(routing))
                .getMessage();
        assertTrue(message.contains("load loss") && message.contains("noise"), message);
    }
}
