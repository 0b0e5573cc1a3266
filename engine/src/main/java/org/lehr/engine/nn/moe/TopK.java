package org.lehr.engine.nn.moe;

import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Compare;
import org.lehr.engine.tensor.op.Gather;
import org.lehr.engine.tensor.op.MaskedFill;
import org.lehr.engine.tensor.op.Ranked;

/// The choice of `k` experts for each token by the largest scores, and their weights.
///
/// With softmax scores, renormalised weights are the softmax over the chosen logits alone (as in Mixtral:
/// "softmax after the choice"); without, they are the probabilities themselves ("softmax before the choice", as in
/// Switch).
///
/// @param k experts of a token
/// @param renormalize whether the weights of a token are divided by their sum
/// @param scale factor of the weights
/// @param groups groups of neighbouring experts, 1 for no grouping
/// @param chosenGroups how many groups a token may choose from: those with the largest sums of their two best scores
///     (DeepSeek-AI 2024)
public record TopK(int k, boolean renormalize, double scale, int groups, int chosenGroups) {

    /// What a renormalised sum of sigmoids may not fall below.
    private static final double LEAST = 1e-20;

    public TopK {
        if (k < 1 || !(scale > 0) || groups < 1 || chosenGroups < 1 || chosenGroups > groups) {
            throw new IllegalArgumentException("top-k: needs a positive k and scale and from 1 to all groups, got k "
                    + k + ", scale " + scale + ", " + chosenGroups + " of " + groups + " groups");
        }
        if (k == 1 && renormalize) {
            throw new IllegalArgumentException(
                    "top-k: a single weight that is renormalised is 1 and leaves the router no gradient");
        }
    }

    /// The `k` best of all, renormalised where there are several.
    public static TopK of(int k) {
        return new TopK(k, k > 1, 1, 1, 1);
    }

    /// Throws where so many experts cannot be chosen from like this.
    void requireFit(int experts) {
        if (experts % groups != 0 || k > experts / groups * chosenGroups) {
            throw new IllegalArgumentException("top-k: cannot choose " + k + " of " + experts + " experts in "
                    + chosenGroups + " of " + groups + " groups");
        }
    }

    /// `ranking [b, t, e] → int64 [b, t, k]`, best first, ties by smaller number
    Tensor select(Tensor ranking) {
        Tensor open = groups == 1 ? ranking : limited(ranking);
        return Ranked.topK(open, -1, k, true).indices();
    }

    /// Experts outside the chosen groups get the score −∞.
    private Tensor limited(Tensor ranking) {
        long size = ranking.extent(-1) / groups;
        Tensor grouped = ranking.reshape(ranking.extent(0), ranking.extent(1), groups, size);
        Tensor sums = Ranked.topK(grouped, -1, Math.min(2, size), true).values().sum(true, -1);
        Tensor order = Ranked.sort(sums, 2, true).indices();
        Tensor rank = Ranked.sort(order, 2, false).indices();
        Tensor closed = Compare.greaterOrEqual(rank, Tensor.of(new long[] {chosenGroups}, 1));
        return MaskedFill.maskedFill(grouped, closed, Double.NEGATIVE_INFINITY)
                .reshape(ranking.shape().toArray());
    }

    /// `probabilities [b, t, e], indices [b, t, k] → [b, t, k]`
    Tensor weigh(Tensor probabilities, Tensor indices) {
        Tensor chosen = Gather.gather(probabilities, -1, indices);
        Tensor weights = renormalize ? chosen.div(chosen.sum(true, -1).add(LEAST)) : chosen;
        return scale == 1 ? weights : weights.mul(scale);
    }
}
