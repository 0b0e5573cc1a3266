package org.lehr.engine.nn.moe;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Module;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Parts of tests of mixtures.
final class Routes {

    static final Initializer WEIGHT = Initializer.normal(0.7);

    private Routes() {}

    static RandomStream random(long seed) {
        return new RandomStream(seed);
    }

    static Tensor normal(long seed, long... extents) {
        return random(seed).normal(DType.FLOAT64, extents);
    }

    static TopKRouter softmax(long width, int experts, TopK choice) {
        return wide(new TopKRouter(width, experts, Scoring.SOFTMAX, choice, WEIGHT, random(5)));
    }

    /// The module in float64.
    static <M extends Module> M wide(M module) {
        module.convert(DType.FLOAT64);
        return module;
    }

    /// A routing with scores that are the softmax of these logits, and one expert for each token.
    static Routing first(Tensor logits, long... indices) {
        Tensor places = Tensor.of(indices, logits.shape().with(-1, 1).toArray());
        Scores scores = new Scores(logits, logits.softmax(-1));
        int e = (int) logits.extent(-1);
        return new Routing(e, places, scores.probabilities().gather(-1, places), scores, Routing.count(e, indices));
    }
}
