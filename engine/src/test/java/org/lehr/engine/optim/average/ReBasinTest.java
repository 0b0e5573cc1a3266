package org.lehr.engine.optim.average;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.tensor.GradientHook;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

class ReBasinTest {

    private static final List<String> MAPS = List.of("0", "2", "4");
    private static final Tensor X = new RandomStream(9).normal(DType.FLOAT32, 64, 5);

    private static Layer network(long seed) {
        RandomStream random = new RandomStream(seed);
        return new Sequential(
                new Linear(5, 7, true, random.split("a")),
                Sequential.of(Tensor::relu),
                new Linear(7, 6, true, random.split("b")),
                Sequential.of(Tensor::relu),
                new Linear(6, 3, true, random.split("c")));
    }

    /// Every way there is, for up to seven.
    private static double best(double[][] gains, int row, boolean[] taken) {
        if (row == gains.length) {
            return 0;
        }
        double best = Double.NEGATIVE_INFINITY;
        for (int column = 0; column < gains.length; column++) {
            if (!taken[column]) {
                taken[column] = true;
                best = Math.max(best, gains[row][column] + best(gains, row + 1, taken));
                taken[column] = false;
            }
        }
        return best;
    }

    @Test
    void assignmentsAreTheBestOfAll() {
        for (int n = 1; n <= 7; n++) {
            for (long seed = 0; seed < 20; seed++) {
                double[] draws =
                        new RandomStream(seed).normal(DType.FLOAT64, n * n).toDoubleArray();
                double[][] gains = new double[n][n];
                for (int i = 0; i < n * n; i++) {
                    // Whole numbers, so that there are ties.
                    gains[i / n][i % n] = Math.rint(3 * draws[i]);
                }
                int[] found = LinearAssignment.largest(gains);
                assertEquals(n, IntStream.of(found).distinct().count());
                double sum = 0;
                for (int i = 0; i < n; i++) {
                    sum += gains[i][found[i]];
                }
                assertEquals(best(gains, 0, new boolean[n]), sum);
            }
        }
        assertEquals(0, LinearAssignment.largest(new double[0][]).length);
    }

    @Test
    void unitsInAnotherOrderAreFoundAgain() {
        Layer network = network(1);
        SequencedMap<String, Tensor> model = network.state();
        ReBasin reBasin = ReBasin.between(MAPS, model);
        List<int[]> mixed = List.of(new int[] {3, 0, 6, 1, 5, 2, 4}, new int[] {5, 4, 0, 1, 3, 2});
        SequencedMap<String, Tensor> other = reBasin.reordered(model, mixed);
        Layer same = network(2);
        same.load(other);
        assertArrayEquals(network.apply(X).toFloatArray(), same.apply(X).toFloatArray(), 1e-6f);
        List<int[]> found = reBasin.weightMatching(model, other, new RandomStream(3));
        SequencedMap<String, Tensor> back = reBasin.reordered(other, found);
        model.forEach((path, tensor) ->
                assertArrayEquals(tensor.toFloatArray(), back.get(path).toFloatArray(), path));
        assertArrayEquals(
                found.getFirst(), ReBasin.activationMatching(hidden(network), hidden(same)), "activation matching");
    }

    private static Tensor hidden(Layer network) {
        Tensor[] seen = new Tensor[1];
        try (GradientHook _ = ((Layer) network.modules().get("0")).onOutput(y -> seen[0] = y)) {
            network.apply(X);
        }
        return seen[0];
    }

    @Test
    void matchingBringsTwoNetworksNearer() {
        SequencedMap<String, Tensor> a = network(1).state();
        SequencedMap<String, Tensor> b = network(2).state();
        ReBasin reBasin = ReBasin.between(MAPS, a);
        SequencedMap<String, Tensor> matched = reBasin.reordered(b, reBasin.weightMatching(a, b, new RandomStream(3)));
        assertTrue(distance(a, matched) < 0.95 * distance(a, b));
    }

    private static double distance(Map<String, Tensor> a, Map<String, Tensor> b) {
        return a.keySet().stream()
                .mapToDouble(path -> a.get(path).sub(b.get(path)).square().sum().item())
                .sum();
    }

    @Test
    void whatDoesNotFitIsNamed() {
        SequencedMap<String, Tensor> model = network(1).state();
        ReBasin reBasin = ReBasin.between(MAPS, model);
        assertRefused(
                "0 needs an order of its 7 units", () -> reBasin.reordered(model, List.of(new int[7], new int[6])));
        ReBasin wrong = ReBasin.between(List.of("0", "4"), model);
        assertRefused("7 units of 0, but 6", () -> wrong.weightMatching(model, model, new RandomStream(1)));
        ReBasin absent = new ReBasin(List.of(new ReBasin.Units("u", List.of(new ReBasin.Axis("9.weight", 0)))));
        assertRefused("9.weight, which is not there", () -> absent.weightMatching(model, model, new RandomStream(1)));
        assertRefused("[samples, units]", () -> ReBasin.activationMatching(Tensor.zeros(3, 2), Tensor.zeros(2, 3)));
    }

    private static void assertRefused(String why, Runnable work) {
        String message = assertThrows(IllegalArgumentException.class, work::run).getMessage();
        assertTrue(message.contains(why), message);
    }

    @Test
    void repairGivesTheWantedStatistics() {
        Repair repair = new Repair(List.of("0", "2"));
        Layer a = network(1);
        Layer b = network(2);
        Layer mean = network(3);
        mean.load(Soup.interpolated(a.state(), b.state(), 0.25));
        var ofA = repair.measured(a, () -> a.apply(X));
        var ofB = repair.measured(b, () -> b.apply(X));
        SequencedMap<String, Repair.Statistics> wanted = new LinkedHashMap<>();
        ofA.forEach((path, statistics) -> wanted.put(path, statistics.towards(ofB.get(path), 0.25)));
        double[] mixed = new double[7];
        for (int i = 0; i < 7; i++) {
            mixed[i] = 0.75 * ofA.get("0").deviation().toDoubleArray()[i]
                    + 0.25 * ofB.get("0").deviation().toDoubleArray()[i];
        }
        assertArrayEquals(mixed, wanted.get("0").deviation().toDoubleArray(), 1e-12);
        // In two batches, for what is measured are rows.
        Runnable pass = () -> {
            try (var _ = Scope.open()) {
                mean.apply(X.slice(0, 0, 40));
            }
            mean.apply(X.slice(0, 40, 64));
        };
        repair.repair(mean, wanted, pass);
        repair.measured(mean, pass).forEach((path, found) -> {
            assertArrayEquals(
                    wanted.get(path).mean().toDoubleArray(), found.mean().toDoubleArray(), 1e-5, path);
            assertArrayEquals(
                    wanted.get(path).deviation().toDoubleArray(),
                    found.deviation().toDoubleArray(),
                    1e-5,
                    path);
        });
        assertRefused("'1'", () -> new Repair(List.of("1")).measured(mean, pass));
        assertRefused("no statistics for 0", () -> repair.repair(mean, Map.of(), pass));
        assertRefused("did not reach", () -> repair.measured(mean, () -> {}));
    }
}
