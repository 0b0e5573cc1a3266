package org.lehr.engine.optim.average;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.IndexSelect;
import org.lehr.kernels.DType;

/// Brings the hidden units of one network into the order of another's, so that the two can be averaged (Git Re-Basin;
/// Ainsworth, Hayase, Srinivasa 2023). The function of the network stays the same.
///
/// @param sets of hidden units, each of which may be put into any order
public record ReBasin(List<Units> sets) {

    /// A dimension of a tensor of the model.
    ///
    /// @param path of the tensor
    /// @param dimension of it
    public record Axis(String path, int dimension) {}

    /// Hidden units that can change places: everywhere at once.
    ///
    /// @param name for messages
    /// @param axes where they are counted: what makes them, what belongs to them (biases, norms), what reads them
    public record Units(String name, List<Axis> axes) {
        public Units {
            axes = List.copyOf(axes);
        }
    }

    private static final int MOST_ROUNDS = 100;

    public ReBasin {
        sets = List.copyOf(sets);
    }

    /// The units between linear maps that follow each other, where all between two of them treats units alike.
    ///
    /// @param maps their paths, such as `0` or `layers.2`, from the first to the last
    /// @param model tells which tensors there are
    public static ReBasin between(List<String> maps, Map<String, Tensor> model) {
        List<Units> sets = new ArrayList<>();
        for (int i = 0; i + 1 < maps.size(); i++) {
            List<Axis> axes = new ArrayList<>();
            axes.add(new Axis(maps.get(i) + ".weight", 0));
            if (model.containsKey(maps.get(i) + ".bias")) {
                axes.add(new Axis(maps.get(i) + ".bias", 0));
            }
            axes.add(new Axis(maps.get(i + 1) + ".weight", 1));
            sets.add(new Units(maps.get(i), axes));
        }
        return new ReBasin(sets);
    }

    /// Matches weights: orders for all sets such that the product of the two models' weights is largest, set by set
    /// until none can be bettered. The result is a local optimum that depends on `order`.
    ///
    /// @param model what the units of `other` are compared with
    /// @param order in which sets are taken
    /// @return for each set, which unit of `other` comes where
    /// @throws IllegalArgumentException when names or shapes differ or a set does not fit them
    public List<int[]> weightMatching(Map<String, Tensor> model, Map<String, Tensor> other, RandomStream order) {
        Mixture.requireAlike("re-basin", model, other);
        List<int[]> orders = new ArrayList<>();
        sets.forEach(units -> orders.add(IntStream.range(0, count(units, model)).toArray()));
        boolean better = true;
        for (int round = 0; better && round < MOST_ROUNDS; round++) {
            better = false;
            double[] draws =
                    order.split(round).uniform(DType.FLOAT64, sets.size()).toDoubleArray();
            List<Integer> turns = IntStream.range(0, sets.size())
                    .boxed()
                    .sorted(Comparator.comparingDouble(set -> draws[set]))
                    .toList();
            for (int set : turns) {
                double[][] gains = gains(set, model, other, orders);
                int[] found = LinearAssignment.largest(gains);
                double before = gain(gains, orders.get(set));
                // Another order of the same gain is no reason to go on.
                if (gain(gains, found) > before + 1e-12 * Math.abs(before)) {
                    orders.set(set, found);
                    better = true;
                }
            }
        }
        return orders;
    }

    /// Matches activations: the order of `other`'s units in which they go with those of a model most.
    ///
    /// @param model activations of the units, `[samples, units]`
    /// @param other of the other network for the same samples
    public static int[] activationMatching(Tensor model, Tensor other) {
        if (!model.shape().equals(other.shape()) || model.rank() != 2) {
            throw new IllegalArgumentException("re-basin: expected activations [samples, units] of one shape, got "
                    + model.shape() + " and " + other.shape());
        }
        return Recording.off(() -> {
            Tensor a = standard(model.detach().to(DType.FLOAT64));
            Tensor b = standard(other.detach().to(DType.FLOAT64));
            return LinearAssignment.largest(rows(a.transpose(0, 1).matmul(b)));
        });
    }

    /// Units that never change correlate with nothing.
    private static Tensor standard(Tensor x) {
        Tensor centred = x.sub(x.mean(true, 0));
        Tensor deviation = centred.square().mean(true, 0).sqrt();
        return centred.div(deviation.add(1e-12));
    }

    /// `model` with its units in another order.
    ///
    /// @param orders for each set, which unit comes where
    public SequencedMap<String, Tensor> reordered(Map<String, Tensor> model, List<int[]> orders) {
        SequencedMap<String, Tensor> reordered = new LinkedHashMap<>(model);
        for (int set = 0; set < sets.size(); set++) {
            int[] order = orders.get(set);
            if (order.length != count(sets.get(set), model)
                    || IntStream.of(order)
                                    .distinct()
                                    .filter(i -> i >= 0 && i < order.length)
                                    .count()
                            != order.length) {
                throw new IllegalArgumentException("re-basin: " + sets.get(set).name + " needs an order of its "
                        + count(sets.get(set), model) + " units, got " + Arrays.toString(order));
            }
            for (Axis axis : sets.get(set).axes) {
                reordered.compute(axis.path, (_, tensor) -> ordered(tensor, axis.dimension, order));
            }
        }
        return reordered;
    }

    private static Tensor ordered(Tensor tensor, int dimension, int[] order) {
        Tensor indices = Tensor.of(IntStream.of(order).asLongStream().toArray(), order.length);
        return Recording.off(() -> IndexSelect.indexSelect(tensor.detach(), dimension, indices));
    }

    private static int count(Units units, Map<String, Tensor> model) {
        long count = -1;
        for (Axis axis : units.axes) {
            Tensor tensor = model.get(axis.path);
            if (tensor == null || axis.dimension >= tensor.rank()) {
                throw new IllegalArgumentException("re-basin: the units of " + units.name + " are counted by dimension "
                        + axis.dimension + " of " + axis.path + ", which is "
                        + (tensor == null ? "not there" : tensor.shape().toString()));
            }
            long here = tensor.extent(axis.dimension);
            if (count >= 0 && count != here) {
                throw new IllegalArgumentException("re-basin: there are " + count + " units of " + units.name + ", but "
                        + here + " in dimension " + axis.dimension + " of " + axis.path);
            }
            count = here;
        }
        return Math.toIntExact(count);
    }

    /// What it brings to have unit `column` of `other` at `row`, when all other sets are in their orders.
    private double[][] gains(int set, Map<String, Tensor> model, Map<String, Tensor> other, List<int[]> orders) {
        return Recording.off(() -> {
            Tensor sum = null;
            for (Axis axis : sets.get(set).axes) {
                Tensor placed = other.get(axis.path).detach();
                for (int o = 0; o < sets.size(); o++) {
                    for (Axis elsewhere : sets.get(o).axes) {
                        if (elsewhere.path.equals(axis.path) && elsewhere.dimension != axis.dimension) {
                            placed = ordered(placed, elsewhere.dimension, orders.get(o));
                        }
                    }
                }
                Tensor part = byUnit(model.get(axis.path).detach(), axis.dimension)
                        .matmul(byUnit(placed, axis.dimension).transpose(0, 1));
                sum = sum == null ? part : sum.add(part);
            }
            return rows(sum);
        });
    }

    private static Tensor byUnit(Tensor tensor, int dimension) {
        Tensor first = tensor.to(DType.FLOAT64).transpose(0, dimension);
        return first.reshape(first.extent(0), first.size() / first.extent(0));
    }

    private static double[][] rows(Tensor square) {
        int n = Math.toIntExact(square.extent(0));
        double[] values = square.toDoubleArray();
        double[][] rows = new double[n][];
        Arrays.setAll(rows, i -> Arrays.copyOfRange(values, i * n, (i + 1) * n));
        return rows;
    }

    private static double gain(double[][] gains, int[] order) {
        return IntStream.range(0, order.length)
                .mapToDouble(i -> gains[i][order[i]])
                .sum();
    }
}
