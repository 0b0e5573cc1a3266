package org.lehr.engine.papers.study;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.optim.average.ReBasin;
import org.lehr.engine.optim.average.Repair;
import org.lehr.engine.optim.average.Soup;
import org.lehr.engine.optim.recipe.Sgd;
import org.lehr.engine.papers.Examples;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Learner;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Qu, Horvath 2024: two networks that were trained apart can be averaged when the units of one are brought into the
/// order of the other's, and the outputs of the average's layers are given back the statistics that they lost; the
/// latter
/// alone mends a pruned network.
///
/// Networks of three wide hidden layers learn the classes of a random network, from different first values and orders
/// of
/// examples. The barrier is the loss of the network in the middle above the mean of both, on fresh data. One network
/// with
/// its units in random orders must be found again exactly. Nine tenths of a network's hidden weights, the smallest, are
/// set to 0; no step is taken after.
public final class ReBasinRepair implements Study {

    private static final Examples.Sizes SIZES = new Examples.Sizes(16, 16, 8);
    private static final List<String> MAPS = List.of("0", "2", "4", "6");
    private static final Repair HIDDEN = new Repair(MAPS.subList(0, 3));
    private static final double PRUNED = 0.95;

    /// A study without settings.
    public ReBasinRepair() {}

    @Override
    public Claim claim() {
        return Claim.of(
                207,
                "Two networks trained apart have a lower barrier between them when their units are matched, and a still"
                        + " lower one when the statistics of the average are repaired; repair alone mends a pruned network",
                "barrier of loss in the middle: matched at most 0.5 of unmatched, repaired at most 0.8 of matched; units in"
                        + " random orders found again with a difference of at most 1e-5; accuracy after 95 % of the weights"
                        + " were pruned higher by at least 0.02 when repaired");
    }

    @Override
    public Findings run(Trial trial) {
        double[][] values = new double[6][trial.seeds()];
        for (long seed : trial.each()) {
            double[] found = Pair.trained(trial, new RandomStream(seed)).figures(trial);
            for (int i = 0; i < found.length; i++) {
                values[i][(int) seed - 1] = found[i];
            }
            trial.say("seed " + seed);
        }
        Sample[] of = Arrays.stream(values).map(Sample::new).toArray(Sample[]::new);
        return Findings.table("network", "barrier of loss", "accuracy")
                .row("in the middle", of[0], "")
                .row("in the middle, matched", of[1], "")
                .row("in the middle, matched and repaired", of[2], "")
                .row("pruned", "", of[4])
                .row("pruned and repaired", "", of[5])
                .atMost("barrier of matched beside unmatched", of[1].mean() / of[0].mean(), 0.5)
                .atMost("barrier of repaired beside matched", of[2].mean() / of[1].mean(), 0.8)
                .atMost("difference when units are found again", of[3].max(), 1e-5)
                .atLeast(
                        "accuracy that repair brings after pruning",
                        of[5].minus(of[4]).mean(),
                        0.02)
                .build();
    }

    /// Two trained networks, and room for a third.
    private record Pair(Layer a, Layer b, Layer other, Examples learnt, Examples fresh, RandomStream random) {

        static Pair trained(Trial trial, RandomStream random) {
            RandomStream teacher = random.split("teacher");
            Examples learnt = Examples.taught(teacher, random.split("learn"), 2048, SIZES, 0);
            Examples fresh = Examples.taught(teacher, random.split("fresh"), 2048, SIZES, 0);
            int width = trial.pick(96, 48);
            Layer[] networks = new Layer[3];
            for (int i = 0; i < 3; i++) {
                networks[i] = network(width, random.split("network").split(i));
            }
            for (int i = 0; i < 2; i++) {
                Sgd sgd = new Sgd(new Constant(0.05), new Constant(0.9), 0, false, new Constant(1e-4));
                new Learner(networks[i], learnt, 32, sgd, random.split("order").split(i)).learn(trial.pick(1500, 600));
            }
            return new Pair(networks[0], networks[1], networks[2], learnt, fresh, random);
        }

        private static Layer network(int width, RandomStream random) {
            return new Sequential(
                    new Linear(SIZES.features(), width, true, random.split(0)),
                    Sequential.of(Tensor::relu),
                    new Linear(width, width, true, random.split(1)),
                    Sequential.of(Tensor::relu),
                    new Linear(width, width, true, random.split(2)),
                    Sequential.of(Tensor::relu),
                    new Linear(width, SIZES.classes(), true, random.split(3)));
        }

        /// Barriers (unmatched, matched, repaired), difference of outputs of a network that was found again,
        /// accuracies
        /// (pruned, repaired).
        double[] figures(Trial trial) {
            SequencedMap<String, Tensor> first = a.state();
            SequencedMap<String, Tensor> second = b.state();
            ReBasin reBasin = ReBasin.between(MAPS, first);
            double ends = (loss(first) + loss(second)) / 2;
            SequencedMap<String, Tensor> matched = trial.method()
                    ? reBasin.reordered(second, reBasin.weightMatching(first, second, random.split("turns")))
                    : second;
            double[] figures = new double[6];
            figures[0] = loss(Soup.interpolated(first, second, 0.5)) - ends;
            figures[1] = loss(Soup.interpolated(first, matched, 0.5)) - ends;
            figures[2] = figures[1];
            if (trial.method()) {
                Map<String, Repair.Statistics> wanted = statistics(first);
                statistics(matched).forEach((path, b) -> wanted.compute(path, (_, a) -> a.towards(b, 0.5)));
                repair(Soup.interpolated(first, matched, 0.5), wanted);
                figures[2] = loss(other.state()) - ends;
            }
            figures[3] = found(reBasin, trial.method());
            Map<String, Repair.Statistics> dense = statistics(first);
            other.load(pruned(first));
            figures[4] = accuracy();
            if (trial.method()) {
                repair(pruned(first), dense);
            }
            figures[5] = accuracy();
            return figures;
        }

        private double loss(Map<String, Tensor> model) {
            other.load(model);
            try (var _ = Scope.open()) {
                return Autograd.noGradient(() -> CrossEntropy.crossEntropy(other.apply(learnt.x()), learnt.labels())
                        .item());
            }
        }

        private double accuracy() {
            Sgd none = new Sgd(new Constant(0), new Constant(0), 0, false, new Constant(0));
            return new Learner(other, learnt, 1, none, random).accuracy(fresh);
        }

        private void pass() {
            try (var _ = Scope.open()) {
                other.apply(learnt.x());
            }
        }

        private SequencedMap<String, Repair.Statistics> statistics(Map<String, Tensor> model) {
            other.load(model);
            return HIDDEN.measured(other, this::pass);
        }

        private void repair(Map<String, Tensor> model, Map<String, Repair.Statistics> wanted) {
            other.load(model);
            HIDDEN.repair(other, wanted, this::pass);
        }

        /// The largest difference of weights when the first network's units were put into random orders and
        /// found again.
        private double found(ReBasin reBasin, boolean match) {
            SequencedMap<String, Tensor> model = a.state();
            int width = (int) model.get("0.weight").extent(0);
            List<int[]> orders = HIDDEN.layers().stream()
                    .map(path -> order(random.split("mixed").split(path), width))
                    .toList();
            SequencedMap<String, Tensor> mixed = reBasin.reordered(model, orders);
            SequencedMap<String, Tensor> back = match
                    ? reBasin.reordered(mixed, reBasin.weightMatching(model, mixed, random.split("turns")))
                    : mixed;
            return model.keySet().stream()
                    .mapToDouble(path ->
                            back.get(path).sub(model.get(path)).abs().max().item())
                    .max()
                    .orElseThrow();
        }

        private static int[] order(RandomStream random, int count) {
            TreeMap<Double, Integer> sorted = new TreeMap<>();
            double[] draws = random.uniform(DType.FLOAT64, count).toDoubleArray();
            for (int i = 0; i < count; i++) {
                sorted.put(draws[i], i);
            }
            return sorted.values().stream().mapToInt(Integer::intValue).toArray();
        }

        /// Without the smallest weights of hidden maps but the first.
        private static SequencedMap<String, Tensor> pruned(Map<String, Tensor> model) {
            SequencedMap<String, Tensor> pruned = Soup.weighted(List.of(model), 1);
            for (String path : MAPS.subList(1, 3)) {
                pruned.compute(path + ".weight", (_, weight) -> {
                    float[] sizes = weight.abs().toFloatArray();
                    Arrays.sort(sizes);
                    float least = sizes[(int) (PRUNED * sizes.length)];
                    float[] kept = weight.toFloatArray();
                    for (int i = 0; i < kept.length; i++) {
                        kept[i] = Math.abs(kept[i]) < least ? 0 : kept[i];
                    }
                    return Tensor.of(kept, weight.shape().toArray());
                });
            }
            return pruned;
        }
    }
}
