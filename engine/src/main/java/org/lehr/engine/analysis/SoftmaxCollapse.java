package org.lehr.engine.analysis;

import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.LogSoftmax;

/// Whether a classifier has run into the end of its number format (Prieto et al. 2025): once a margin is so large that
/// the softmax of the right class is exactly 1, its row teaches nothing any more. In float32 this happens from a margin
/// of about 17 on.
public final class SoftmaxCollapse {

    private SoftmaxCollapse() {}

    /// The share of rows whose cross-entropy is exactly 0 in the dtype of the scores.
    ///
    /// @param scores `[m, classes]`
    /// @param labels int64 `[m]`
    public static double share(Tensor scores, Tensor labels) {
        if (scores.rank() != 2 || labels.rank() != 1 || scores.extent(0) != labels.size() || labels.size() == 0) {
            throw new IllegalArgumentException("softmax collapse: needs scores [m, classes] and labels [m] with m > 0,"
                    + " got " + scores.shape() + " and " + labels.shape());
        }
        return Autograd.noGradient(() -> {
            double[] losses = LogSoftmax.logSoftmax(scores, 1)
                    .gather(1, labels.reshape(labels.size(), 1))
                    .toDoubleArray();
            int collapsed = 0;
            for (double loss : losses) {
                collapsed += loss == 0 ? 1 : 0;
            }
            return (double) collapsed / losses.length;
        });
    }

    /// The cosine between the way down, `−gradient`, and the weights: near 1 a step only makes them longer, which
    /// lowers
    /// the loss of what is right already and changes no decision (naive loss minimisation); 0 where one of both is
    /// 0.
    public static double alongWeights(Tensor gradient, Tensor weights) {
        return Autograd.noGradient(() -> {
            double product = gradient.mul(weights).sum().item();
            double norms = Math.sqrt(
                    gradient.square().sum().item() * weights.square().sum().item());
            return norms == 0 ? 0 : -product / norms;
        });
    }
}
