package org.lehr.engine.optim.average;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Module;
import org.lehr.engine.tensor.GradientHook;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Scope;

/// Gives hidden units the statistics back that they lose when networks are averaged or pruned (REPAIR; Jordan et al.
/// 2023): in an average of weights the outputs of linear maps vary less than in either network, layer by layer.
///
/// @param layers paths of the linear maps to repair, in the order in which data flow; those with a bias
public record Repair(List<String> layers) {

    /// Means and deviations of the outputs of a linear map, `[units]` each, float64.
    public record Statistics(Tensor mean, Tensor deviation) {

        /// `(1 − share)` of this and `share` of `other`.
        public Statistics towards(Statistics other, double share) {
            return Recording.off(() -> new Statistics(
                    mean.mul(1 - share).add(other.mean.mul(share)),
                    deviation.mul(1 - share).add(other.deviation.mul(share))));
        }
    }

    public Repair {
        layers = List.copyOf(layers);
    }

    /// What the outputs of the layers are like.
    ///
    /// @param model whose layers they are
    /// @param pass runs the model on data, in any number of batches
    public SequencedMap<String, Statistics> measured(Module model, Runnable pass) {
        SequencedMap<String, Statistics> all = new LinkedHashMap<>();
        layers.forEach(path -> all.put(path, measured(linear(model, path), pass)));
        return all;
    }

    private static Statistics measured(Linear layer, Runnable pass) {
        Moments moments = new Moments();
        try (GradientHook _ = layer.onOutput(moments::add)) {
            Recording.off(() -> {
                pass.run();
                return null;
            });
        }
        return moments.statistics();
    }

    /// Rescales and shifts the rows of each layer so that its outputs have the wanted statistics. Later layers are
    /// measured when earlier ones are repaired. Units that never change keep their weights, and get the mean alone.
    ///
    /// @param wanted by path; for an average, those of the networks [between][Statistics#towards] them
    /// @param pass runs the model on data
    public void repair(Module model, Map<String, Statistics> wanted, Runnable pass) {
        for (String path : layers) {
            Linear layer = linear(model, path);
            Statistics target = wanted.get(path);
            if (target == null) {
                throw new IllegalArgumentException("repair: no statistics for " + path + " among " + wanted.keySet());
            }
            Statistics now = measured(layer, pass);
            Recording.off(() -> {
                Tensor factor = factor(now.deviation, target.deviation);
                Tensor weight = layer.weight().own().detach();
                Tensor bias = layer.bias().own().detach().to(DType.FLOAT64);
                layer.weight().set(weight.to(DType.FLOAT64).mul(factor.reshape(factor.size(), 1)));
                layer.bias().set(bias.sub(now.mean).mul(factor).add(target.mean));
                return null;
            });
        }
    }

    private static Tensor factor(Tensor now, Tensor wanted) {
        double[] from = now.toDoubleArray();
        double[] to = wanted.toDoubleArray();
        return Tensor.of(
                IntStream.range(0, from.length)
                        .mapToDouble(i -> from[i] > 0 ? to[i] / from[i] : 1)
                        .toArray(),
                from.length);
    }

    private static Linear linear(Module model, String path) {
        if (model.modules().get(path) instanceof Linear layer && layer.bias() != null) {
            return layer;
        }
        throw new IllegalArgumentException("repair: expected a linear map with a bias at '" + path + "' among "
                + model.modules().keySet());
    }

    /// Sums over rows, in float64, about the first row so that a large mean does not swallow a small deviation.
    private static final class Moments {
        private long count;
        private Tensor origin;
        private Tensor sum;
        private Tensor squares;

        Tensor add(Tensor y) {
            Tensor rows = y.detach().to(DType.FLOAT64).reshape(y.size() / y.extent(-1), y.extent(-1));
            if (count == 0) {
                origin = kept(rows.slice(0, 0, 1));
            }
            Tensor off = rows.sub(origin);
            Tensor first = off.sum(false, 0);
            Tensor second = off.square().sum(false, 0);
            sum = kept(count == 0 ? first : sum.add(first));
            squares = kept(count == 0 ? second : squares.add(second));
            count += rows.extent(0);
            return y;
        }

        /// In memory of its own, which outlives the scopes of the pass.
        private static Tensor kept(Tensor x) {
            Tensor kept = Tensor.of(x.toDoubleArray(), x.shape().toArray());
            Scope.detach(kept.storage());
            return kept;
        }

        Statistics statistics() {
            if (count == 0) {
                throw new IllegalArgumentException("repair: the pass did not reach the layer");
            }
            Tensor mean = sum.div(count);
            Tensor variance = squares.div(count).sub(mean.square()).relu();
            return new Statistics(mean.add(origin.reshape(mean.size())), variance.sqrt());
        }
    }
}
