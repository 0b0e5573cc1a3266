package org.lehr.engine.nn.moe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lehr.engine.nn.moe.Routes.WEIGHT;
import static org.lehr.engine.nn.moe.Routes.normal;
import static org.lehr.engine.nn.moe.Routes.random;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.tensor.Tensor;

final class RoutingLossesTest {

    private static final double LN_2 = Math.log(2);
    private static final double LN_3 = Math.log(3);

    @TestFactory
    Stream<DynamicTest> gradientsAreThoseOfCentralDifferences() {
        return Arrays.stream(RoutingLosses.values())
                .flatMap(loss -> Arrays.stream(Scoring.values())
                        .map(scoring -> DynamicTest.dynamicTest(loss + " of " + scoring, () -> {
                            var router = new TopKRouter(3, 4, scoring, TopK.of(2), WEIGHT, random(5));
                            router.train(false);
                            LayerGradient.check(
                                    router, x -> loss.of(router.route(RouterInput.of(x[0]))), normal(1, 2, 5, 3));
                        })));
    }

    @Test
    void importanceOfExpertsThatChoose() {
        var router = new ExpertChoiceRouter(3, 4, 2, WEIGHT, random(5));
        LayerGradient.check(
                router, x -> RoutingLosses.IMPORTANCE.of(router.route(RouterInput.of(x[0]))), normal(1, 2, 5, 3));
    }

    @Test
    void anEvenLoadGivesOne() {
        Routing even = Routes.first(Tensor.of(new double[8], 2, 2, 2), 0, 1, 1, 0);
        for (RoutingLosses loss : new RoutingLosses[] {
            RoutingLosses.SWITCH, RoutingLosses.GSHARD, RoutingLosses.SEQUENCE, RoutingLosses.GLOBAL
        }) {
            assertEquals(1, loss.of(even).item(), 1e-12, loss.name());
        }
        assertEquals(0, RoutingLosses.IMPORTANCE.of(even).item(), 1e-12);
        assertEquals(LN_2 * LN_2, RoutingLosses.Z.of(even).item(), 1e-12);
    }

    @Test
    void lossesAreWhatTheirPapersSay() {
        // Two sequences of two tokens with scores (3/4, 1/4), (1/2, 1/2) and (3/4, 1/4), (1/4, 3/4).
        Tensor logits = Tensor.of(new double[] {LN_3, 0, 0, 0, LN_3, 0, 0, LN_3}, 2, 2, 2);
        Routing routing = Routes.first(logits, 0, 0, 0, 1);
        // Shares 3/4 and 1/4, mean scores 9/16 and 7/16.
        double batch = 2 * (0.75 * 9 / 16 + 0.25 * 7 / 16);
        assertEquals(batch, RoutingLosses.SWITCH.of(routing).item(), 1e-12);
        assertEquals(batch, RoutingLosses.GSHARD.of(routing).item(), 1e-12);
        // By sequence: shares (1, 0) with mean (5/8, 3/8), and (1/2, 1/2).
        assertEquals((2 * 5.0 / 8 + 1) / 2, RoutingLosses.SEQUENCE.of(routing).item(), 1e-12);
        // Summed weights 3/4 + 1/2 + 3/4 = 2 and 3/4: mean 11/8, deviation 5/8.
        assertEquals(25.0 / 121, RoutingLosses.IMPORTANCE.of(routing).item(), 1e-12);
        double z = (3 * Math.pow(Math.log(4), 2) + LN_2 * LN_2) / 4;
        assertEquals(z, RoutingLosses.Z.of(routing).item(), 1e-12);
    }

    @Test
    void gshardCountsFirstChoices() {
        Tensor logits = Tensor.of(new double[] {LN_3, 0, LN_3, 0}, 1, 2, 2);
        Routing routing = Routes.softmax(3, 2, TopK.of(2)).route(RouterInput.of(normal(1, 1, 2, 3)));
        Routing both = new Routing(
                2,
                Tensor.of(new long[] {0, 1, 0, 1}, 1, 2, 2),
                routing.weights(),
                new Scores(logits, logits.softmax(-1)),
                2,
                2);
        assertEquals(1, RoutingLosses.SWITCH.of(both).item(), 1e-12);
        assertEquals(1.5, RoutingLosses.GSHARD.of(both).item(), 1e-12);
    }

    @Test
    void theGlobalLossSeesTheBatchesOfTheStep() {
        TopKRouter router = Routes.softmax(3, 4, TopK.of(2));
        Routing first = router.route(RouterInput.of(normal(1, 1, 9, 3)));
        Routing second = router.route(RouterInput.of(normal(2, 1, 9, 3)));
        double[] p = second.scores().probabilities().reshape(9, 4).mean(0).toDoubleArray();
        double expected = 0;
        for (int i = 0; i < 4; i++) {
            expected += 4 * p[i] * (first.loads()[i] + second.loads()[i]) / 36;
        }
        assertEquals(expected, RoutingLosses.GLOBAL.of(second).item(), 1e-12);
        router.stepped();
        Routing third = router.route(RouterInput.of(normal(3, 1, 9, 3)));
        assertEquals(
                RoutingLosses.SWITCH.of(third).item(),
                RoutingLosses.GLOBAL.of(third).item());
    }

    @Test
    void statisticsOfARouting() {
        Tensor logits = Tensor.of(new double[] {LN_3, 0, 0, 0, LN_3, 0, 0, LN_3}, 2, 2, 2);
        RoutingStatistics statistics = RoutingStatistics.of(Routes.first(logits, 0, 0, 0, 1));
        assertEquals(0.75, statistics.load()[0]);
        assertEquals(0.5, statistics.violation());
        double skewed = -0.75 * Math.log(0.75) - 0.25 * Math.log(0.25);
        assertEquals((3 * skewed + LN_2) / 4, statistics.entropy(), 1e-12);
        assertEquals(0, statistics.unrouted());
        Tensor certain = Tensor.of(new double[] {2000, 0}, 1, 1, 2);
        assertTrue(RoutingStatistics.of(Routes.first(certain, 0)).entropy() < 1e-12);
    }
}
