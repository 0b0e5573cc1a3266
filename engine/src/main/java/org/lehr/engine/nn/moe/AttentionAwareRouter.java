package org.lehr.engine.nn.moe;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Top-k of scores that tokens share as the attention before says (Nguyen et al. 2025): `S·softmax(x·Wᵀ)`, where `S` is
/// the weights of the preceding attention layer, averaged over its heads. Causal where that is. Parameter
/// `weight [e, n]`.
public final class AttentionAwareRouter extends Router {

    private final Gate gate;
    private final TopK choice;

    public AttentionAwareRouter(long width, int experts, TopK choice, Initializer initializer, RandomStream random) {
        super(experts);
        choice.requireFit(experts);
        this.choice = choice;
        gate = new Gate(parameter("weight", Gate.initial(width, experts, initializer, random)));
    }

    @Override
    public boolean readsAttention() {
        return true;
    }

    @Override
    public double expertsPerToken() {
        return choice.k();
    }

    @Override
    protected Scores score(RouterInput input) {
        if (input.attention() == null) {
            throw new IllegalArgumentException("attention-aware router: needs the attention weights before x "
                    + input.x().shape());
        }
        Tensor logits = gate.logits(input.x());
        return new Scores(logits, Gate.wide(input.attention()).matmul(logits.softmax(-1)));
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
