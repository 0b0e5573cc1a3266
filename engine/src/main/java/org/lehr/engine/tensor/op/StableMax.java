package org.lehr.engine.tensor.op;

import org.lehr.engine.tensor.Tensor;

/// Softmax with a slower function in place of the exponential (Prieto et al. 2025): `s(x) = x + 1` for `x ≥ 0`, else
/// `1/(1 − x)`. Its gradient never underflows to zero for large logits, where that of softmax does.
public final class StableMax {

    private StableMax() {}

    /// `s(x)/Σ s(x)`. `x [..., n] → [..., n]`
    public static Tensor stableMax(Tensor x) {
        Tensor s = positive(x);
        return s.div(s.sum(true, -1));
    }

    /// The mean of `−log stableMax(logits)[target]`. `logits [..., n], targets int [...] → []`
    public static Tensor crossEntropy(Tensor logits, Tensor targets) {
        Tensor s = positive(logits);
        Tensor chosen = s.gather(-1, targets.unsqueeze(-1)).squeeze(-1);
        return s.sum(-1).log().sub(chosen.log()).mean();
    }

    private static Tensor positive(Tensor x) {
        Tensor zero = x.scalarLike(0);
        // The branch that is not taken sees zeros, so that neither value nor gradient of it can be infinite.
        Tensor below = Reciprocal.reciprocal(Minimum.minimum(x, zero).neg().add(1));
        return Where.where(Compare.greaterOrEqual(x, zero), x.add(1), below);
    }
}
