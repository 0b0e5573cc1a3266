package org.lehr.engine.distributed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lehr.engine.distributed.LocalUpdates.Moments;
import org.lehr.engine.nn.Dropout;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.nn.norm.BatchNorm;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.recipe.AdamW;
import org.lehr.engine.optim.recipe.Sgd;
import org.lehr.engine.optim.transform.StateFormat;
import org.lehr.engine.papers.Examples;
import org.lehr.engine.papers.Learner;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.control.Listener;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.train.Checkpoint;
import org.lehr.engine.train.Trainer;
import org.lehr.kernels.DType;

@Timeout(60)
final class LocalUpdatesTest {

    private static final Examples.Sizes SIZES = new Examples.Sizes(5, 7, 3);
    private static final Recipe SGD = new Sgd(new Constant(0.1), new Constant(0.9), 0, false, new Constant(0.01));
    private static final Recipe ADAM =
            new AdamW(new Constant(0.01), new Constant(0.9), new Constant(0.99), 1e-8, new Constant(0.1), false);

    /// A parameter named `p`.
    private static final class One extends Module {

        private final Parameter parameter;

        One(Tensor initial) {
            parameter = parameter("p", initial);
        }
    }

    private static Layer network(double dropout) {
        RandomStream random = new RandomStream(1);
        return new Sequential(
                new Linear(SIZES.features(), 11, true, random.split("first")),
                new BatchNorm(11),
                Sequential.of(Tensor::relu),
                new Dropout(dropout, random.split("dropout")),
                new Linear(11, SIZES.classes(), true, random.split("second")));
    }

    private static Examples examples() {
        RandomStream random = new RandomStream(2);
        return Examples.taught(random.split("teacher"), random.split("learn"), 64, SIZES, 0.1);
    }

    private static Recipe local(Recipe inner, Replicas replicas, SynchronizationRule rule, Moments moments) {
        return (groups, format) -> new LocalUpdates(inner.over(groups, format), replicas, rule, moments);
    }

    private static Learner learner(Communicator rank, Layer network, Recipe recipe) {
        return new Learner(network, examples(), 8, recipe, new RandomStream(3).split(rank.rank()));
    }

    private static LocalUpdates updates(Learner learner) {
        return (LocalUpdates) learner.trainer().optimizer();
    }

    /// All numbers of a module.
    private static double[] numbers(Module module) {
        return module.state().values().stream()
                .flatMapToDouble(tensor -> Arrays.stream(tensor.toDoubleArray()))
                .toArray();
    }

    @ParameterizedTest
    @EnumSource
    void roundsOfOneStepAreDataParallel(Moments moments) {
        List<double[]> ends = LocalGroup.of(3).run(rank -> {
            Layer together = network(0.2);
            Replicas replicas = new Replicas(rank, together);
            replicas.align();
            Trainer.Form form = new Trainer.Form(1, Double.POSITIVE_INFINITY);
            Learner batches = learner(rank, together, SGD);
            Optimizer optimizer = SGD.over(List.of(ParameterGroup.all(together)));
            Trainer<Examples> trainer = new Trainer<>(together, batches, optimizer, form, Listener.NONE, replicas);
            for (int step = 0; step < 20; step++) {
                trainer.step();
            }
            Layer apart = network(0.2);
            Replicas others = new Replicas(rank, apart);
            others.align();
            Learner learner = learner(rank, apart, local(SGD, others, SynchronizationRule.every(1), moments));
            learner.learn(20);
            assertEquals(20, updates(learner).synchronizations());
            double[] expected = numbers(together);
            assertArrayEquals(expected, numbers(apart), 2e-5);
            return numbers(apart);
        });
        assertArrayEquals(ends.get(0), ends.get(1));
        assertArrayEquals(ends.get(0), ends.get(2));
    }

    @ParameterizedTest
    @EnumSource
    void ranksPartAndMeet(Moments moments) {
        List<double[][]> found = LocalGroup.of(3).run(rank -> {
            Layer network = network(0.2);
            Replicas replicas = new Replicas(rank, network);
            replicas.align();
            Learner learner = learner(
                    rank,
                    network,
                    local(ADAM, replicas, SynchronizationRule.every(4).until(6), moments));
            learner.learn(3);
            double[] within = numbers(network);
            assertEquals(0, updates(learner).synchronizations());
            assertEquals(4, updates(learner).end());
            learner.learn(1);
            double[] met = numbers(network);
            double[] state = updates(learner).state().values().stream()
                    .flatMapToDouble(tensor -> Arrays.stream(tensor.toDoubleArray()))
                    .toArray();
            learner.learn(2);
            assertEquals(2, updates(learner).synchronizations());
            return new double[][] {within, met, state, numbers(network)};
        });
        for (int rank = 1; rank < 3; rank++) {
            assertFalse(Arrays.equals(found.get(0)[0], found.get(rank)[0]), "ranks saw other batches");
            assertArrayEquals(found.get(0)[1], found.get(rank)[1]);
            assertEquals(moments == Moments.AVERAGED, Arrays.equals(found.get(0)[2], found.get(rank)[2]));
            assertArrayEquals(found.get(0)[3], found.get(rank)[3]);
        }
    }

    @Test
    void allContinueFromTheMean() {
        LocalGroup.of(4).run(rank -> {
            One module = new One(Tensor.of(new double[] {1, 2}, 2));
            Parameter parameter = module.parameter;
            LocalUpdates updates = new LocalUpdates(
                    new Sgd(new Constant(1), new Constant(0.5), 0, false, new Constant(0))
                            .over(List.of(ParameterGroup.all(module))),
                    new Replicas(rank, module),
                    SynchronizationRule.every(1),
                    Moments.AVERAGED);
            parameter.own().setGradient(Tensor.of(new double[] {rank.rank(), 4}, 2));
            updates.step();
            assertArrayEquals(new double[] {1 - 1.5, -2}, parameter.own().toDoubleArray(), 1e-12);
            assertArrayEquals(
                    new double[] {1.5, 4}, updates.state().get("momentum/p").toDoubleArray(), 1e-12);
            return null;
        });
    }

    @ParameterizedTest
    @EnumSource
    void resumesWithinARoundWithTheSameBits(Moments moments, @TempDir Path folder) {
        LocalGroup.of(2).run(rank -> {
            SynchronizationRule rule = new QuadraticRule(step -> 0.1 / (1 + step), 0.2, 4, 0);
            Layer whole = network(0.2);
            Replicas replicas = new Replicas(rank, whole);
            replicas.align();
            Learner learner = learner(rank, whole, local(ADAM, replicas, rule, moments));
            learner.learn(9);
            Path saved = folder.resolve("rank" + rank.rank());
            Layer again = network(0.2);
            Learner resumed = learner(rank, again, local(ADAM, new Replicas(rank, again), rule, moments));
            try {
                Files.createDirectories(saved);
                Checkpoint.write(saved, learner.trainer(), 1, 1);
                Checkpoint.restore(saved, resumed.trainer());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            assertEquals(4 + 100, updates(resumed).end(), "4 steps, then 100 at a rate of 0.02");
            learner.learn(110);
            resumed.learn(110);
            assertTrue(updates(learner).synchronizations() >= 2);
            assertArrayEquals(numbers(whole), numbers(again));
            List<double[]> states = new ArrayList<>();
            updates(learner).state().values().forEach(tensor -> states.add(tensor.toDoubleArray()));
            int next = 0;
            for (Tensor tensor : updates(resumed).state().values()) {
                assertArrayEquals(states.get(next++), tensor.toDoubleArray());
            }
            return null;
        });
    }

    @Test
    void mastersAreAveragedInFullPrecision() {
        LocalGroup.of(2).run(rank -> {
            One module = new One(Tensor.of(new double[] {1, 1}, 2).to(DType.BFLOAT16));
            Parameter parameter = module.parameter;
            LocalUpdates updates = new LocalUpdates(
                    new Sgd(new Constant(1), new Constant(0), 0, false, new Constant(0))
                            .over(List.of(ParameterGroup.all(module))),
                    new Replicas(rank, module),
                    SynchronizationRule.every(1),
                    Moments.LOCAL);
            double small = rank.rank() * 0x1p-10;
            parameter
                    .own()
                    .setGradient(Tensor.of(new double[] {small, 8 * small}, 2).to(DType.BFLOAT16));
            updates.step();
            assertArrayEquals(
                    new double[] {1 - 0x1p-11, 1 - 0x1p-8},
                    updates.state().get("master/p").toDoubleArray());
            assertArrayEquals(new double[] {1, 1 - 0x1p-8}, parameter.own().toDoubleArray());
            return null;
        });
    }

    @Test
    void saysWhatItCannotDo() {
        LocalGroup.of(1).run(rank -> {
            Layer network = new Linear(64, 64, true, new RandomStream(1));
            Replicas replicas = new Replicas(rank, network);
            Optimizer coded = ADAM.over(List.of(ParameterGroup.all(network)), StateFormat.BLOCK8);
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> new LocalUpdates(coded, replicas, SynchronizationRule.every(2), Moments.AVERAGED))
                    .getMessage();
            assertTrue(message.contains("codes"), message);
            new LocalUpdates(coded, replicas, SynchronizationRule.every(2), Moments.LOCAL).step();
            LocalUpdates never =
                    new LocalUpdates(SGD.over(List.of(ParameterGroup.all(network))), replicas, _ -> 0, Moments.LOCAL);
            message = assertThrows(IllegalStateException.class, never::step).getMessage();
            assertTrue(message.contains("got 0") && message.contains("after step 0"), message);
            return null;
        });
    }
}
