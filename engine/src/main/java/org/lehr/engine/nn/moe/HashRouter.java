package org.lehr.engine.nn.moe;

import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Embedding;

/// Every token of the vocabulary has an expert by chance, for good (Roller et al. 2021). Nothing is learnt; scores are
/// uniform and the weight is 1. The buffer `table`, int64 `[vocabulary, 1]`, says which.
public final class HashRouter extends Router {

    private final Tensor table;

    /// @param vocabulary number of tokens
    public HashRouter(long vocabulary, int experts, RandomStream random) {
        super(experts);
        if (vocabulary < 1) {
            throw new IllegalArgumentException("hash router: needs a vocabulary, got " + vocabulary);
        }
        table = buffer("table", random.integers(experts, vocabulary, 1));
    }

    @Override
    public double expertsPerToken() {
        return 1;
    }

    @Override
    protected Scores score(RouterInput input) {
        if (input.tokens() == null) {
            throw new IllegalArgumentException(
                    "hash router: needs the tokens of x " + input.x().shape());
        }
        Tensor logits = Tensor.full(
                0,
                input.x().device(),
                Gate.wide(input.x()).dtype(),
                input.x().shape().with(-1, experts()).toArray());
        return new Scores(logits, logits.fullLike(1.0 / experts()));
    }

    @Override
    protected Tensor select(Scores scores, RouterInput input) {
        return Embedding.embedding(table, input.tokens());
    }

    @Override
    protected Tensor weigh(Scores scores, Tensor indices) {
        return Tensor.full(
                1, indices.device(), scores.logits().dtype(), indices.shape().toArray());
    }
}
