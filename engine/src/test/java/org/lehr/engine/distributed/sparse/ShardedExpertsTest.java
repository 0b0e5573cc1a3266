package org.lehr.engine.distributed.sparse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.lehr.engine.distributed.Communicator;
import org.lehr.engine.distributed.LocalGroup;
import org.lehr.engine.distributed.placement.ExpertPlacement;
import org.lehr.engine.distributed.placement.LoadPredictor;
import org.lehr.engine.distributed.placement.RandomPlacements;
import org.lehr.engine.distributed.placement.SparseMaterialization;
import org.lehr.engine.distributed.placement.Topology;
import org.lehr.engine.distributed.placement.TopologyDispatch;
import org.lehr.engine.distributed.placement.WindowMean;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.moe.Capacity;
import org.lehr.engine.nn.moe.DensePath;
import org.lehr.engine.nn.moe.ExpertBank;
import org.lehr.engine.nn.moe.Experts;
import org.lehr.engine.nn.moe.MixtureOfExperts;
import org.lehr.engine.nn.moe.Scoring;
import org.lehr.engine.nn.moe.TopK;
import org.lehr.engine.nn.moe.TopKRouter;
import org.lehr.engine.optim.AdamW;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Sharded experts beside all experts on one rank, which adds up the gradients of the ranks' batches.
class ShardedExpertsTest {

    private static final int WIDTH = 5;
    private static final int TOKENS = 6;
    private static final LoadPredictor.Factory WINDOW = experts -> new WindowMean(experts, WindowMean.USUAL);

    /// A case: how the mixture is made, and where its experts are.
    private record Case(
            int ranks, int experts, int chosen, boolean capacity, boolean shared, boolean gated, long seed) {

        MixtureOfExperts mixture(ExpertBank.Factory bank) {
            RandomStream random = new RandomStream(seed).split("model");
            Initializer weight = Initializer.normal(0.5);
            MixtureOfExperts.Form form = new MixtureOfExperts.Form(
                    new Experts.Form(WIDTH, 7, Activation.SILU, gated),
                    capacity ? new Capacity(1, 1, Capacity.Order.POSITION) : null,
                    shared ? new DensePath(DensePath.Join.SHARED, 3) : null,
                    bank);
            TopKRouter router =
                    new TopKRouter(WIDTH, experts, Scoring.SOFTMAX, TopK.of(chosen), weight, random.split("gate"));
            return new MixtureOfExperts(form, router, List.of(), weight, weight, random);
        }

        Tensor batch(int step, int rank) {
            return new RandomStream(seed).split("x").split(step).split(rank).normal(DType.FLOAT32, 1, TOKENS, WIDTH);
        }

        Tensor loss(MixtureOfExperts mixture, int step, int rank) {
            Tensor x = batch(step, rank);
            return mixture.apply(x).sub(x.tanh()).square().mean();
        }
    }

    /// What training came to: losses, and all parameters by the names that one rank has for them.
    private record Trained(double[] losses, float[][] experts, float[] gate) {}

    private static Optimizer adam(MixtureOfExperts mixture) {
        return new AdamW(List.of(ParameterGroup.all(mixture)), new Constant(0.01), 0.01);
    }

    private static Trained alone(Case of, int steps) {
        MixtureOfExperts mixture = of.mixture(Experts::new);
        Optimizer optimizer = adam(mixture);
        double[] losses = new double[steps];
        for (int step = 0; step < steps; step++) {
            optimizer.clearGradients();
            for (int rank = 0; rank < of.ranks; rank++) {
                try (var _ = Scope.open()) {
                    Tensor loss = of.loss(mixture, step, rank);
                    losses[step] += loss.item();
                    loss.backward();
                }
            }
            losses[step] /= of.ranks;
            optimizer.step(1.0 / of.ranks);
            mixture.stepped();
        }
        float[][] experts = new float[of.experts][];
        for (int expert = 0; expert < of.experts; expert++) {
            experts[expert] = values(mixture, expert);
        }
        return new Trained(losses, experts, gate(mixture));
    }

    /// The first two matrices of the expert at a place.
    private static float[] values(MixtureOfExperts mixture, int at) {
        List<Float> values = new ArrayList<>();
        for (String name : List.of("experts.w1", "experts.w2")) {
            for (float value :
                    mixture.parameters().get(name).own().slice(0, at, at + 1).toFloatArray()) {
                values.add(value);
            }
        }
        float[] all = new float[values.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = values.get(i);
        }
        return all;
    }

    private static float[] gate(MixtureOfExperts mixture) {
        return mixture.parameters().get("gate.weight").own().toFloatArray();
    }

    private static Trained sharded(Case of, int steps, Function<Communicator, ShardedExperts.Form> form) {
        List<Trained> ranks = LocalGroup.of(of.ranks).run(communicator -> {
            ShardedExperts.Form sharding = form.apply(communicator);
            MixtureOfExperts mixture =
                    of.mixture(ShardedExperts.factory(new SparseCollectives(communicator), sharding));
            Optimizer optimizer = adam(mixture);
            ShardedStep step = new ShardedStep(communicator, mixture, optimizer);
            double[] losses = new double[steps];
            for (int i = 0; i < steps; i++) {
                int at = i;
                losses[i] = step.step(() -> of.loss(mixture, at, communicator.rank()));
            }
            float[][] experts = new float[of.experts][];
            int[] mine = sharding.owners().expertsOn(communicator.rank());
            for (int i = 0; i < mine.length; i++) {
                experts[mine[i]] = values(mixture, i);
            }
            long state = optimizer.state().entrySet().stream()
                    .filter(entry -> entry.getKey().contains("experts.w1"))
                    .mapToLong(entry -> entry.getValue().extent(0))
                    .max()
                    .orElse(0);
            assertEquals(mine.length, state, "optimizer state of experts is at their owner alone");
            return new Trained(losses, experts, gate(mixture));
        });
        float[][] experts = new float[of.experts][];
        for (Trained rank : ranks) {
            assertArrayEquals(ranks.getFirst().losses, rank.losses);
            assertArrayEquals(ranks.getFirst().gate, rank.gate);
            for (int expert = 0; expert < of.experts; expert++) {
                experts[expert] = rank.experts[expert] == null ? experts[expert] : rank.experts[expert];
            }
        }
        return new Trained(ranks.getFirst().losses, experts, ranks.getFirst().gate);
    }

    /// Other copies in every step.
    private static ShardedExperts.Form random(Case of, boolean exact, boolean again) {
        Random random = new Random(of.seed);
        ExpertPlacement owners = RandomPlacements.owners(random, of.experts, of.ranks);
        Topology topology = of.ranks % 2 == 0 ? new Topology(2, of.ranks / 2) : Topology.flat(of.ranks);
        return new ShardedExperts.Form(
                owners,
                new TopologyDispatch(topology),
                (from, loads) -> RandomPlacements.copies(random, from),
                WINDOW,
                exact,
                again);
    }

    @Property(tries = 40)
    void exactTrainingHasTheBitsOfOneRank(
            @ForAll @IntRange(min = 1, max = 5) int ranks,
            @ForAll @IntRange(min = 4, max = 7) int experts,
            @ForAll @IntRange(min = 1, max = 4) int chosen,
            @ForAll boolean capacity,
            @ForAll boolean shared,
            @ForAll boolean again,
            @ForAll long seed) {
        Case of = new Case(ranks, experts, chosen, capacity, shared, seed % 2 == 0, seed);
        Trained one = alone(of, 4);
        Trained many = sharded(of, 4, _ -> random(of, true, again));
        assertArrayEquals(one.losses, many.losses);
        assertArrayEquals(one.gate, many.gate);
        for (int expert = 0; expert < experts; expert++) {
            assertArrayEquals(one.experts[expert], many.experts[expert], "expert " + expert);
        }
    }

    @Property(tries = 6)
    void fiftyStepsStayTogether(
            @ForAll @IntRange(min = 2, max = 4) int ranks,
            @ForAll @IntRange(min = 1, max = 4) int chosen,
            @ForAll boolean capacity,
            @ForAll boolean again,
            @ForAll long seed) {
        Case of = new Case(ranks, 6, chosen, capacity, true, true, seed);
        Trained one = alone(of, 50);
        Trained many = sharded(of, 50, _ -> random(of, false, again));
        for (int step = 0; step < 50; step++) {
            assertEquals(one.losses[step], many.losses[step], 1e-6 * one.losses[step], "step " + step);
        }
        assertTrue(one.losses[49] < one.losses[0]);
        Trained exact = sharded(of, 50, _ -> random(of, true, again));
        assertArrayEquals(one.losses, exact.losses);
    }

    @Test
    void plannersOfThePaperMoveWhatTheyPlan() {
        Case of = new Case(4, 8, 2, false, false, true, 3);
        Topology topology = new Topology(2, 2);
        ExpertPlacement owners = ExpertPlacement.even(8, 4);
        for (boolean again : new boolean[] {false, true}) {
            LocalGroup.of(4).run(communicator -> {
                SparseCollectives collectives = new SparseCollectives(communicator);
                MixtureOfExperts mixture = of.mixture(ShardedExperts.factory(
                        collectives,
                        new ShardedExperts.Form(
                                owners,
                                new TopologyDispatch(topology),
                                (from, loads) -> new SparseMaterialization(1, 1).plan(from, loads, topology),
                                WINDOW,
                                false,
                                again)));
                ShardedStep step = new ShardedStep(communicator, mixture, adam(mixture));
                step.step(() -> of.loss(mixture, 0, communicator.rank()));
                long expert = 3L * WIDTH * 7 * Float.BYTES;
                long copied = communicator.rank() == 0 ? 0 : expert;
                long gathers = again ? 2 : 1;
                assertEquals(
                        gathers * copied + (communicator.rank() == 0 ? 3 * expert : 0), collectives.receivedBytes());
                return null;
            });
        }
    }
}
