package org.lehr.engine.nn.moe;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Triangle;
import org.lehr.engine.tensor.op.Where;
import org.lehr.kernels.DType;

/// Top-k of scores that similar tokens share (Nguyen et al. 2025): `S·softmax(x·Wᵀ)` with
/// `S = softmax(x·V·xᵀ/τ)` over the tokens of a sequence. Parameters `weight [e, n]` and `similarity [n, n]`.
public final class SimilarityAwareRouter extends Router {

    /// How similar tokens are.
    ///
    /// @param temperature τ: the smaller, the more a token looks only at what is most similar
    /// @param causal whether a token sees only itself and those before it, as a decoder must
    public record Similarity(double temperature, boolean causal) {
        public Similarity {
            if (!(temperature > 0)) {
                throw new IllegalArgumentException("similarity: the temperature must be positive, got " + temperature);
            }
        }
    }

    private final Gate gate;
    private final Parameter map;
    private final Similarity form;
    private final TopK choice;

    public SimilarityAwareRouter(
            long width, int experts, Similarity form, TopK choice, Initializer initializer, RandomStream random) {
        super(experts);
        choice.requireFit(experts);
        this.form = form;
        this.choice = choice;
        gate = new Gate(parameter("weight", Gate.initial(width, experts, initializer, random)));
        map = parameter(
                "similarity", initializer.make(DType.FLOAT32, Shape.of(width, width), random.split("similarity")));
    }

    @Override
    public double expertsPerToken() {
        return choice.k();
    }

    @Override
    protected Scores score(RouterInput input) {
        Tensor logits = gate.logits(input.x());
        return new Scores(logits, similarities(input.x()).matmul(logits.softmax(-1)));
    }

    /// What each token takes of the scores of each, `[b, t, t]`; rows sum to 1.
    private Tensor similarities(Tensor x) {
        Tensor wide = Gate.wide(x);
        Tensor products = wide.matmul(Gate.wide(map.value())).matmul(wide.transpose(1, 2));
        Tensor scaled = products.mul(1 / form.temperature);
        Tensor seen = form.causal ? causal(scaled) : scaled;
        return seen.softmax(-1);
    }

    private static Tensor causal(Tensor scores) {
        Tensor seen = Triangle.lowerMask(scores.device(), scores.extent(1), scores.extent(2), 0);
        return Where.where(seen, scores, scores.scalarLike(Double.NEGATIVE_INFINITY));
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
