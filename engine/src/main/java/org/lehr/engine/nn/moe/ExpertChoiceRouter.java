package org.lehr.engine.nn.moe;

import java.util.Arrays;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Ranked;

/// Each expert takes the tokens that suit it best, as many as every other (Zhou et al. 2022): perfectly balanced
/// without a loss; a token may have any number of experts, or none. Expert `i` has slot `i` of every token.
///
/// The choice looks at all tokens of a batch, later ones included, so a decoder trained with it sees the future.
public final class ExpertChoiceRouter extends Router {

    private final Gate gate;
    private final double factor;

    /// @param factor experts of a token on average; an expert takes `⌈tokens·factor/e⌉` tokens
    public ExpertChoiceRouter(long width, int experts, double factor, Initializer initializer, RandomStream random) {
        super(experts);
        if (!(factor > 0 && factor <= experts)) {
            throw new IllegalArgumentException(
                    "expert choice: the factor must be above 0 and at most the " + experts + " experts, got " + factor);
        }
        this.factor = factor;
        gate = new Gate(parameter("weight", Gate.initial(width, experts, initializer, random)));
    }

    /// How many of `tokens` an expert takes.
    public long capacity(long tokens) {
        return Math.min(tokens, (long) Math.ceil(tokens * factor / experts()));
    }

    @Override
    public double expertsPerToken() {
        return factor;
    }

    @Override
    protected Scores score(RouterInput input) {
        Tensor logits = gate.logits(input.x());
        return new Scores(logits, logits.softmax(-1));
    }

    @Override
    protected Tensor select(Scores scores, RouterInput input) {
        int e = experts();
        Tensor p = scores.probabilities();
        Tensor columns = p.reshape(-1, e);
        long[] slots = new long[Math.toIntExact(p.size())];
        Arrays.fill(slots, -1);
        long[] taken = Ranked.topK(columns, 0, capacity(columns.extent(0)), true)
                .indices()
                .toLongArray();
        for (int i = 0; i < taken.length; i++) {
            slots[(int) taken[i] * e + i % e] = i % e;
        }
        return Tensor.of(slots, p.shape().toArray());
    }

    @Override
    protected Tensor weigh(Scores scores, Tensor indices) {
        return scores.probabilities();
    }
}
