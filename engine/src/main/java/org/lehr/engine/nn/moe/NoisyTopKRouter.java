package org.lehr.engine.nn.moe;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Softplus;

/// Top-k of noisy logits (Shazeer et al. 2017): `h = x·Wᵀ + ε·softplus(x·Wₙᵀ)` with standard normal `ε` in training,
/// where the noise has a learnt size for each token and expert; no noise in use. Parameters `weight` and `noise`,
/// both `[e, n]`. [SmoothLoad] balances it.
public final class NoisyTopKRouter extends Router {

    private final Gate gate;
    private final Gate noise;
    private final TopK choice;
    private final RandomStream random;

    public NoisyTopKRouter(long width, int experts, TopK choice, Initializer initializer, RandomStream random) {
        super(experts);
        choice.requireFit(experts);
        this.choice = choice;
        this.random = stream("random", random.split("random"));
        gate = new Gate(parameter("weight", Gate.initial(width, experts, initializer, random.split("weight"))));
        noise = new Gate(parameter("noise", Gate.initial(width, experts, initializer, random.split("noise"))));
    }

    @Override
    public double expertsPerToken() {
        return choice.k();
    }

    @Override
    protected Scores score(RouterInput input) {
        Tensor clean = gate.logits(input.x());
        Tensor sizes = Softplus.softplus(noise.logits(input.x()));
        Tensor logits = isTraining()
                ? clean.add(
                        random.normal(sizes.dtype(), sizes.shape().toArray()).mul(sizes))
                : clean;
        return new Scores(logits, logits.softmax(-1), new Scores.Noise(clean, sizes));
    }

    @Override
    protected Tensor select(Scores scores, RouterInput input) {
        return choice.select(scores.probabilities());
    }

    @Override
    protected Tensor weigh(Scores scores, Tensor indices) {
        return choice.weigh(scores.probabilities(), indices);
    }
}
