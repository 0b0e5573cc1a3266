package org.lehr.engine.nn.exit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.optim.Adam;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

final class EarlyExitNetworkTest {

    private static final RandomStream RANDOM = new RandomStream(43);
    private static final Tensor TARGETS = Tensor.of(new int[] {0, 2, 1, 1}, 4);

    private static EarlyExitNetwork network(int stages, long width, RandomStream random) {
        List<Layer> backbone = IntStream.range(0, stages)
                .<Layer>mapToObj(i -> new Sequential(
                        new Linear(width, width, true, random.split("stage").split(i)), Sequential.of(Tensor::tanh)))
                .toList();
        List<Layer> heads = IntStream.range(0, stages)
                .<Layer>mapToObj(
                        i -> new Linear(width, 3, true, random.split("head").split(i)))
                .toList();
        return new EarlyExitNetwork(backbone, heads, random);
    }

    @Test
    void everyRowLeavesSomewhere() {
        EarlyExitNetwork network = network(4, 5, RANDOM);
        EarlyExitNetwork.Answers answers = network.answers(RANDOM.normal(DType.FLOAT32, 6, 5));
        Tensor exits = answers.exits();
        assertArrayEquals(new long[] {6, 4}, exits.shape().toArray());
        assertArrayEquals(new float[] {1, 1, 1, 1, 1, 1}, exits.sum(1).toFloatArray(), 1e-6f);
        double stays = 1;
        for (int stage = 0; stage < 3; stage++) {
            double gate = answers.gates().get(stage).toFloatArray()[2];
            assertEquals(
                    stays * gate,
                    exits.slice(0, 2, 3).slice(1, stage, stage + 1).item(),
                    1e-6);
            stays *= 1 - gate;
        }
        EarlyExitNetwork one = network(1, 5, RANDOM);
        assertArrayEquals(
                new float[] {1, 1},
                one.answers(RANDOM.normal(DType.FLOAT32, 2, 5)).exits().toFloatArray());
    }

    @Test
    void lossesHaveTheirGradients() {
        ExitLosses losses = new ExitLosses(0.3, 1, 2.5, 4);
        LayerGradient.check(
                network(3, 5, RANDOM), x -> losses.joint(fixed(x[0]), TARGETS).add(0), LayerGradient.normal(3, 4, 3));
        EarlyExitNetwork network = network(3, 5, RANDOM);
        network.convert(DType.FLOAT64);
        EarlyExitNetwork.Answers answers = network.answers(LayerGradient.normal(4, 5));
        losses.ofAnswers(answers, TARGETS).backward();
        network.parameters().forEach((path, p) -> assertEquals(!path.startsWith("gates"), p.gradient() != null, path));
        network.clearGradients();
        losses.ofGates(network.answers(LayerGradient.normal(4, 5)), TARGETS).backward();
        network.parameters().forEach((path, p) -> assertEquals(path.startsWith("gates"), p.gradient() != null, path));
    }

    /// Logits `[3, 4, 3]` as answers of three stages, whose gates are functions of them.
    private static EarlyExitNetwork.Answers fixed(Tensor x) {
        List<Tensor> logits = IntStream.range(0, 3)
                .mapToObj(i -> x.slice(0, i, i + 1).squeeze(0))
                .toList();
        List<Tensor> gates = IntStream.range(0, 2)
                .mapToObj(i -> logits.get(i).sum(1).sigmoid())
                .toList();
        return new EarlyExitNetwork.Answers(logits, gates);
    }

    @Test
    void theJointLossIsTheExpectationOfWrongnessAndCost() {
        Tensor x = LayerGradient.normal(3, 4, 3);
        ExitLosses losses = new ExitLosses(0.3, 1, 2.5, 4);
        double expected = 0;
        double[] exits = fixed(x).exits().toDoubleArray();
        double[] values = x.toDoubleArray();
        long[] targets = TARGETS.toLongArray();
        for (int row = 0; row < 4; row++) {
            for (int stage = 0; stage < 3; stage++) {
                double z = 0;
                for (int c = 0; c < 3; c++) {
                    z += Math.exp(values[(stage * 4 + row) * 3 + c]);
                }
                double wrong = Math.log(z) - values[(stage * 4 + row) * 3 + (int) targets[row]];
                expected += exits[row * 3 + stage] * (wrong + 0.3 * losses.costs()[stage]) / 4;
            }
        }
        assertEquals(expected, losses.joint(fixed(x), TARGETS).item(), 1e-12);
    }

    @Test
    void rowsThatLeaveGiveTheAnswersOfTheirStage() {
        EarlyExitNetwork network = network(3, 5, RANDOM);
        Tensor x = RANDOM.normal(DType.FLOAT32, 7, 5);
        List<Integer> seen = new ArrayList<>();
        ExitRule rule = (stage, logits) -> {
            seen.add((int) logits.extent(0));
            boolean[] leaves = new boolean[(int) logits.extent(0)];
            for (int i = stage; i < leaves.length; i += 2) {
                leaves[i] = true;
            }
            return leaves;
        };
        EarlyExitNetwork.Decisions decisions = network.decide(x, rule);
        assertArrayEquals(new int[] {0, 2, 0, 1, 0, 2, 0}, decisions.stages());
        assertEquals(List.of(7, 3), seen);
        List<Tensor> all = network.answers(x).logits();
        for (int row = 0; row < 7; row++) {
            assertArrayEquals(
                    all.get(decisions.stages()[row]).slice(0, row, row + 1).toFloatArray(),
                    decisions.logits().slice(0, row, row + 1).toFloatArray(),
                    1e-6f);
        }
        assertEquals((4 * 1 + 2 + 2 * 5) / 7.0, decisions.meanCost(1, 2, 5), 1e-12);
        assertEquals(0, network.decide(RANDOM.normal(DType.FLOAT32, 0, 5), rule).stages().length);
    }

    /// Rows with a large first feature are told apart by it at once, the others only by the sign of a product.
    @Test
    void aHigherPriceOfWorkMakesRowsLeaveEarlier() {
        double[] costs = {1, 2, 3};
        double cheap = trained(0, costs);
        double dear = trained(0.5, costs);
        assertTrue(dear < cheap - 0.2, "free " + cheap + ", dear " + dear);
    }

    private static double trained(double tradeOff, double... costs) {
        EarlyExitNetwork network = network(3, 8, new RandomStream(7));
        ExitLosses losses = new ExitLosses(tradeOff, costs);
        Adam optimizer = new Adam(List.of(ParameterGroup.all(network)), new Constant(0.01));
        Tensor x = new RandomStream(8).normal(DType.FLOAT32, 128, 8);
        float[] values = x.toFloatArray();
        int[] classes = new int[128];
        for (int i = 0; i < 128; i++) {
            float first = values[8 * i];
            classes[i] = first > 0.5 ? 2 : values[8 * i + 1] * values[8 * i + 2] > 0 ? 1 : 0;
        }
        Tensor targets = Tensor.of(classes, 128);
        for (int step = 0; step < 200; step++) {
            try (var _ = Scope.open()) {
                EarlyExitNetwork.Answers answers = network.answers(x);
                losses.ofAnswers(answers, targets)
                        .add(losses.ofGates(answers, targets))
                        .backward();
                optimizer.step();
                optimizer.clearGradients();
            }
        }
        return network.decide(x, network.learnedRule()).meanCost(costs);
    }

    @Test
    void confidentRowsLeave() {
        Tensor logits = Tensor.of(new float[] {5, 0, 0, 1, 1, 1}, 2, 3);
        assertArrayEquals(new boolean[] {true, false}, ExitRule.confidence(0.9).leaves(0, logits));
    }

    @Test
    void refusalsNameTheValues() {
        assertThrows(IllegalArgumentException.class, () -> new ExitLosses(-1, 1, 2));
        assertThrows(IllegalArgumentException.class, () -> new ExitLosses(1, 2, 1));
        assertThrows(IllegalArgumentException.class, () -> ExitRule.confidence(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new EarlyExitNetwork(List.of(), List.of(), RANDOM));
        EarlyExitNetwork one = network(1, 5, RANDOM);
        EarlyExitNetwork.Answers answers = one.answers(RANDOM.normal(DType.FLOAT32, 4, 5));
        assertThrows(IllegalArgumentException.class, () -> new ExitLosses(1, 1, 2).joint(answers, TARGETS));
        assertThrows(IllegalArgumentException.class, () -> new ExitLosses(1, 1).ofGates(answers, TARGETS));
    }
}
