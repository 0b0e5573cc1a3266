package org.lehr.engine.optim.average;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Weights of several models of one shape as one model: model soups (Wortsman et al. 2022), interpolation with where
/// training began (WiSE-FT; Wortsman et al. 2022), and means of the last checkpoints (LAWA; Kaddour 2022). Statistics
/// of batch normalisation are to be measured again for the result.
public final class Soup {

    private Soup() {}

    /// The mean.
    ///
    /// @throws IllegalArgumentException when names or shapes differ, or there is no model
    public static SequencedMap<String, Tensor> uniform(List<? extends Map<String, Tensor>> models) {
        double[] weights = new double[models.size()];
        Arrays.fill(weights, 1.0 / models.size());
        return weighted(models, weights);
    }

    /// `Σ weightᵢ·modelᵢ`, summed in float64; tensors that are not floating are those of the first model.
    ///
    /// @param weights one for each model, of any sign and sum
    public static SequencedMap<String, Tensor> weighted(List<? extends Map<String, Tensor>> models, double... weights) {
        if (models.isEmpty() || weights.length != models.size()) {
            throw new IllegalArgumentException("soup: needs a weight for each of at least one model, got "
                    + weights.length + " for " + models.size());
        }
        models.forEach(model -> Mixture.requireAlike("soup", models.getFirst(), model));
        return Mixture.each(models.getFirst(), (path, first) -> {
            Tensor sum = null;
            for (int i = 0; i < weights.length; i++) {
                Tensor part = models.get(i).get(path).detach().to(DType.FLOAT64).mul(weights[i]);
                sum = sum == null ? part : sum.add(part);
            }
            return sum;
        });
    }

    /// `(1 − share)·from + share·to`; beyond 0 and 1 it goes on along the line.
    public static SequencedMap<String, Tensor> interpolated(
            Map<String, Tensor> from, Map<String, Tensor> to, double share) {
        return weighted(List.of(from, to), 1 - share, share);
    }

    /// The greedy soup: models by rising loss, each kept only if the mean with it has no higher loss than without.
    ///
    /// @param loss of a mixture on held-out data
    public static SequencedMap<String, Tensor> greedy(
            List<? extends Map<String, Tensor>> models, ToDoubleFunction<Map<String, Tensor>> loss) {
        double[] alone = models.stream().mapToDouble(loss).toArray();
        List<Map<String, Tensor>> kept = new ArrayList<>();
        SequencedMap<String, Tensor> best = new LinkedHashMap<>();
        double lowest = Double.POSITIVE_INFINITY;
        for (int i : IntStream.range(0, alone.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> alone[i]))
                .toList()) {
            kept.add(models.get(i));
            SequencedMap<String, Tensor> mean = uniform(kept);
            double now = Recording.off(() -> loss.applyAsDouble(mean));
            if (now <= lowest) {
                lowest = now;
                best = mean;
            } else {
                kept.removeLast();
            }
        }
        if (best.isEmpty()) {
            throw new IllegalArgumentException("soup: no model has a loss that is a number: " + Arrays.toString(alone));
        }
        return best;
    }
}
