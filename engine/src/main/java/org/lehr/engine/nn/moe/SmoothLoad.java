package org.lehr.engine.nn.moe;

import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Clamp;
import org.lehr.engine.tensor.op.Compare;
import org.lehr.engine.tensor.op.Erf;
import org.lehr.engine.tensor.op.Ranked;
import org.lehr.engine.tensor.op.Where;

/// The squared coefficient of variation of the experts' load, made smooth by the noise of the router (Shazeer et al.
/// 2017, appendix A). The load of an expert is the sum over the tokens of
///
/// ```text
/// P(x, i) = Φ((x·W − the k-th largest of the other experts' noisy logits) / softplus(x·Wₙ))
/// ```
///
/// the probability that it would be among the `k` chosen if its noise were drawn once more. Needs a router with noise;
/// `k` is the number of a token's slots. 0 where the expected load is even.
public record SmoothLoad() implements RoutingLoss {

    /// What the size of noise may not fall below.
    private static final double LEAST = 1e-6;

    @Override
    public Tensor of(Routing routing) {
        Tensor load = probabilities(routing).reshape(-1, routing.experts()).sum(0);
        Tensor mean = load.mean();
        return load.sub(mean).square().mean().div(mean.square());
    }

    /// How probable it is that each expert is chosen for each token. `[b, t, e]`
    ///
    /// @throws IllegalArgumentException where the router has no noise
    public static Tensor probabilities(Routing routing) {
        Scores scores = routing.scores();
        if (scores.noise() == null) {
            throw new IllegalArgumentException(
                    "load loss: needs a router with noise on its logits, got scores without noise");
        }
        long k = routing.indices().extent(-1);
        Tensor noisy = scores.logits();
        if (k >= routing.experts()) {
            return noisy.fullLike(1);
        }
        Tensor best = Ranked.topK(noisy, -1, k + 1, true).values();
        Tensor last = best.slice(-1, k - 1, k);
        Tensor next = best.slice(-1, k, k + 1);
        // Without one of the k best, the next moves up.
        Tensor threshold = Where.where(Compare.greater(noisy, next), next, last);
        Tensor sizes = Clamp.clamp(scores.noise().sizes(), LEAST, Double.POSITIVE_INFINITY);
        Tensor margin = scores.noise().clean().sub(threshold).div(sizes);
        return Erf.erf(margin.mul(Math.sqrt(0.5))).add(1).mul(0.5);
    }
}
