package org.lehr.engine.nn.moe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lehr.engine.nn.moe.Routes.WEIGHT;
import static org.lehr.engine.nn.moe.Routes.normal;
import static org.lehr.engine.nn.moe.Routes.random;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.Gather;
import org.lehr.engine.tensor.op.Triangle;
import org.lehr.kernels.DType;

final class RouterTest {

    private static final int WIDTH = 3;
    private static final int EXPERTS = 6;
    private static final Tensor TOKENS = Tensor.of(new int[] {4, 0, 1, 4, 2, 3, 0, 1, 1, 4}, 2, 5);

    private static Tensor attention() {
        Tensor scores = normal(3, 2, 5, 5).exp();
        Tensor seen = Triangle.lower(scores, 0);
        return seen.div(seen.sum(true, -1));
    }

    private static Map<String, Router> routers() {
        TopK two = TopK.of(2);
        Map<String, Router> routers = new LinkedHashMap<>();
        routers.put("softmax", Routes.softmax(WIDTH, EXPERTS, two));
        routers.put("softmax, not renormalised", Routes.softmax(WIDTH, EXPERTS, new TopK(3, false, 1, 1, 1)));
        routers.put("switch", Routes.softmax(WIDTH, EXPERTS, TopK.of(1)));
        routers.put(
                "sigmoid in groups with a bias",
                new TopKRouter(WIDTH, EXPERTS, Scoring.SIGMOID, new TopK(2, true, 2.5, 3, 2), 1e-3, WEIGHT, random(7)));
        routers.put("noisy", new NoisyTopKRouter(WIDTH, EXPERTS, two, WEIGHT, random(7)));
        routers.put("expert choice", new ExpertChoiceRouter(WIDTH, EXPERTS, 2, WEIGHT, random(7)));
        routers.put(
                "similarity",
                new SimilarityAwareRouter(
                        WIDTH, EXPERTS, new SimilarityAwareRouter.Similarity(0.8, false), two, WEIGHT, random(7)));
        routers.put(
                "causal similarity",
                new SimilarityAwareRouter(
                        WIDTH, EXPERTS, new SimilarityAwareRouter.Similarity(0.8, true), two, WEIGHT, random(7)));
        routers.put("attention", new AttentionAwareRouter(WIDTH, EXPERTS, two, WEIGHT, random(7)));
        routers.put("hash", new HashRouter(5, EXPERTS, random(7)));
        routers.values().forEach(Routes::wide);
        return routers;
    }

    /// Weights and scores, with the random numbers of the first call each time.
    private static Tensor[] route(Router router, RouterInput input) {
        Map<RandomStream, RandomStream.State> places = new LinkedHashMap<>();
        router.streams().values().forEach(stream -> places.put(stream, stream.state()));
        Routing routing = router.route(input);
        places.forEach(RandomStream::restore);
        return new Tensor[] {
            routing.weights(),
            routing.scores().probabilities(),
            routing.scores().logits()
        };
    }

    @TestFactory
    Stream<DynamicTest> gradientsAreThoseOfCentralDifferences() {
        return routers().entrySet().stream()
                .filter(entry -> !entry.getValue().parameters().isEmpty())
                .map(entry -> DynamicTest.dynamicTest(
                        entry.getKey(),
                        () -> LayerGradient.check(
                                entry.getValue(),
                                x -> {
                                    Tensor[] all = route(entry.getValue(), new RouterInput(x[0], x[1], TOKENS));
                                    return Concat.concat(-1, all);
                                },
                                normal(1, 2, 5, WIDTH),
                                attention())));
    }

    @TestFactory
    Stream<DynamicTest> choicesAreDistinctAndInRange() {
        return routers().entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    Router router = entry.getValue();
                    Routing routing = router.route(new RouterInput(normal(1, 2, 5, WIDTH), attention(), TOKENS));
                    long[] indices = routing.indices().toLongArray();
                    int slots = (int) routing.indices().extent(-1);
                    for (int i = 0; i < indices.length; i += slots) {
                        long[] used = Arrays.stream(indices, i, i + slots)
                                .filter(expert -> expert >= 0)
                                .toArray();
                        assertEquals(used.length, Arrays.stream(used).distinct().count());
                        assertTrue(Arrays.stream(used).allMatch(expert -> expert < EXPERTS));
                    }
                    assertEquals(routing.indices().shape(), routing.weights().shape());
                    long all = Arrays.stream(routing.loads()).sum();
                    assertEquals(router.expertsPerToken() * 10, all, router instanceof ExpertChoiceRouter ? 6 : 0);
                }));
    }

    @Test
    void renormalisedWeightsAreTheSoftmaxOfTheChosenLogits() {
        Routing routing = Routes.softmax(WIDTH, EXPERTS, TopK.of(2)).route(RouterInput.of(normal(1, 2, 5, WIDTH)));
        Tensor chosen = Gather.gather(routing.scores().logits(), -1, routing.indices());
        assertArrayEquals(chosen.softmax(-1).toDoubleArray(), routing.weights().toDoubleArray(), 1e-12);
    }

    @Test
    void attentionOfEachTokenToItselfIsThePlainRouter() {
        Tensor x = normal(1, 2, 5, WIDTH);
        Router plain = Routes.softmax(WIDTH, EXPERTS, TopK.of(2));
        Router aware = Routes.wide(new AttentionAwareRouter(WIDTH, EXPERTS, TopK.of(2), WEIGHT, random(5)));
        double[] identity = new double[25];
        for (int i = 0; i < 5; i++) {
            identity[6 * i] = 1;
        }
        Tensor itself = Tensor.of(identity, 1, 5, 5).expand(2, 5, 5);
        Routing expected = plain.route(RouterInput.of(x));
        Routing actual = aware.route(new RouterInput(x, itself, null));
        assertArrayEquals(expected.indices().toLongArray(), actual.indices().toLongArray());
        assertArrayEquals(expected.weights().toDoubleArray(), actual.weights().toDoubleArray());
    }

    @Test
    void aCausalSimilarityDoesNotLookAhead() {
        Router router = routers().get("causal similarity");
        Router seeing = routers().get("similarity");
        Tensor x = normal(1, 1, 5, WIDTH);
        Tensor other = Concat.concat(1, x.slice(1, 0, 3), normal(9, 1, 2, WIDTH));
        assertArrayEquals(start(router, x), start(router, other));
        assertFalse(Arrays.equals(start(seeing, x), start(seeing, other)));
    }

    private static double[] start(Router router, Tensor x) {
        return router.route(RouterInput.of(x))
                .scores()
                .probabilities()
                .slice(1, 0, 3)
                .toDoubleArray();
    }

    @Test
    void limitedChoicesStayInTheBestGroups() {
        TopK choice = new TopK(3, true, 1, 3, 2);
        // Groups of two: sums of the two best are 1.1, 0.9 and 1.0.
        Tensor ranking = Tensor.of(new double[] {0.6, 0.5, 0.9, 0.0, 0.2, 0.8}, 1, 1, 6);
        assertArrayEquals(new long[] {5, 0, 1}, choice.select(ranking).toLongArray());
    }

    @Test
    void noiseIsForTraining() {
        Router router = routers().get("noisy");
        RouterInput input = RouterInput.of(normal(1, 2, 5, WIDTH));
        double[] first = router.route(input).scores().logits().toDoubleArray();
        assertFalse(Arrays.equals(first, router.route(input).scores().logits().toDoubleArray()));
        router.train(false);
        double[] calm = router.route(input).scores().logits().toDoubleArray();
        assertArrayEquals(calm, router.route(input).scores().logits().toDoubleArray());
    }

    @Test
    void expertsThatChooseAllTakeTheirCapacity() {
        for (double factor : new double[] {0.5, 1, 2, 6}) {
            ExpertChoiceRouter router = Routes.wide(new ExpertChoiceRouter(WIDTH, EXPERTS, factor, WEIGHT, random(7)));
            long[] loads = router.route(RouterInput.of(normal(1, 3, 7, WIDTH))).loads();
            assertEquals((long) Math.ceil(21 * factor / EXPERTS), router.capacity(21));
            assertTrue(Arrays.stream(loads).allMatch(load -> load == router.capacity(21)), Arrays.toString(loads));
        }
    }

    @Test
    void aTokenAlwaysHasItsExpert() {
        Router router = routers().get("hash");
        long[] indices = router.route(new RouterInput(normal(1, 2, 5, WIDTH), null, TOKENS))
                .indices()
                .toLongArray();
        long[] tokens = TOKENS.toLongArray();
        long[] table = router.state().get("table").toLongArray();
        for (int i = 0; i < tokens.length; i++) {
            assertEquals(table[(int) tokens[i]], indices[i]);
        }
    }

    @Test
    void theBiasBalancesASkewedLoad() {
        TopKRouter router = new TopKRouter(8, 4, Scoring.SIGMOID, TopK.of(2), 1e-3, WEIGHT, random(7));
        // Every token has a part that the gate turns into scores which favour the first experts.
        router.weight()
                .set(Concat.concat(
                        1,
                        Tensor.of(new float[] {0.3f, 0.2f, 0.1f, 0}, 4, 1),
                        random(1).normal(DType.FLOAT32, 4, 7).mul(0.1)));
        Tensor x = Concat.concat(2, Tensor.ones(1, 512, 1), random(2).normal(DType.FLOAT32, 1, 512, 7));
        double before = violation(router, x);
        for (int step = 0; step < 60; step++) {
            router.route(RouterInput.of(x));
            router.stepped();
        }
        assertTrue(before > 0.3, "skewed at first: " + before);
        assertTrue(violation(router, x) < 0.05, "balanced at last: " + violation(router, x));
        assertTrue(router.state().containsKey("e_score_correction_bias"));
    }

    private static double violation(Router router, Tensor x) {
        router.train(false);
        double violation = RoutingStatistics.of(router.route(RouterInput.of(x))).violation();
        router.train(true);
        return violation;
    }

    @Test
    void theBiasChangesTheChoiceAndNotTheWeights() {
        TopKRouter router = Routes.wide(
                new TopKRouter(WIDTH, EXPERTS, Scoring.SIGMOID, new TopK(1, false, 1, 1, 1), 1e-3, WEIGHT, random(7)));
        router.state().get("e_score_correction_bias").copyFrom(Tensor.of(new float[] {0, 0, 0, 9, 0, 0}, 6));
        Routing routing = router.route(RouterInput.of(normal(1, 2, 5, WIDTH)));
        assertArrayEquals(new long[] {0, 0, 0, 10, 0, 0}, routing.loads());
        assertArrayEquals(
                routing.scores().probabilities().slice(-1, 3, 4).toDoubleArray(),
                routing.weights().toDoubleArray());
    }

    @Test
    void scoresAreWideInANarrowModel() {
        for (Router router : routers().values()) {
            router.convert(DType.BFLOAT16);
            Routing routing = router.route(new RouterInput(
                    normal(1, 2, 5, WIDTH).to(DType.BFLOAT16), attention().to(DType.BFLOAT16), TOKENS));
            assertEquals(DType.FLOAT32, routing.scores().logits().dtype());
            assertEquals(DType.FLOAT32, routing.weights().dtype());
        }
    }

    @Test
    void wrongUsesAreRefused() {
        refused("cannot choose 7 of 6", () -> Routes.softmax(3, 6, TopK.of(7)));
        refused(
                "cannot choose 3 of 6 experts in 1 of 3 groups",
                () -> Routes.softmax(3, 6, new TopK(3, true, 1, 3, 1)));
        refused("cannot choose 1 of 5", () -> Routes.softmax(3, 5, new TopK(1, false, 1, 2, 1)));
        refused("k 0", () -> TopK.of(0));
        refused("no gradient", () -> new TopK(1, true, 1, 1, 1));
        refused("width 0", () -> Routes.softmax(0, 6, TopK.of(2)));
        refused("at least one expert", () -> new HashRouter(5, 0, random(1)));
        refused("needs a vocabulary, got 0", () -> new HashRouter(0, 5, random(1)));
        refused("got 7.0", () -> new ExpertChoiceRouter(3, 6, 7, WEIGHT, random(1)));
        refused("temperature", () -> new SimilarityAwareRouter.Similarity(0, true));
        refused("rate of the bias", () -> new TopKRouter(3, 6, Scoring.SIGMOID, TopK.of(2), -1, WEIGHT, random(1)));
        RouterInput input = RouterInput.of(normal(1, 2, 5, 4));
        refused(
                "[2, 5, 4] and [6, 3]",
                () -> Routes.softmax(WIDTH, EXPERTS, TopK.of(2)).route(input));
        refused("[2, 5, 4]", () -> routers().get("hash").route(input));
        refused("[2, 5, 4]", () -> routers().get("attention").route(input));
        refused("[b, t, t]", () -> new RouterInput(input.x(), normal(1, 2, 5, 4), null));
        refused("tokens must be [b, t]", () -> new RouterInput(input.x(), null, TOKENS.reshape(5, 2)));
        refused("router: x must be", () -> new RouterInput(TOKENS, null, null));
        Router patched = Routes.softmax(4, 6, TopK.of(2));
        patched.onSelection(indices -> indices.slice(-1, 0, 1));
        refused("must have the shape [2, 5, 2], got [2, 5, 1]", () -> patched.route(input));
    }

    @Test
    void whoeverLooksOnIsToldEveryRouting() {
        Router router = Routes.softmax(WIDTH, EXPERTS, TopK.of(2));
        List<RoutingStatistics> seen = new ArrayList<>();
        try (var _ = router.onRouting(routing -> seen.add(RoutingStatistics.of(routing)))) {
            router.route(RouterInput.of(normal(1, 2, 5, WIDTH)));
        }
        router.route(RouterInput.of(normal(1, 2, 5, WIDTH)));
        assertEquals(1, seen.size());
        assertEquals(1, Arrays.stream(seen.getFirst().load()).sum(), 1e-12);
        assertTrue(seen.getFirst().entropy() < Math.log(EXPERTS));
    }

    @Test
    void expertsThatAreNotThereAreRefused() {
        Router router = Routes.softmax(WIDTH, EXPERTS, TopK.of(2));
        router.onSelection(indices -> indices.fullLike(6));
        Exception thrown = assertThrows(
                IndexOutOfBoundsException.class, () -> router.route(RouterInput.of(normal(1, 2, 5, WIDTH))));
        assertTrue(thrown.getMessage().contains("6 experts, got 6"), thrown.getMessage());
    }

    private static void refused(String fragment, Executable use) {
        Exception thrown = assertThrows(IllegalArgumentException.class, use);
        assertTrue(thrown.getMessage().contains(fragment), thrown.getMessage());
    }
}
