package org.lehr.engine.nn.moe;

import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Each token goes to the experts with its largest scores (Shazeer et al. 2017, Fedus et al. 2021). Names as in
/// Mixtral and DeepSeek-V3: `weight [e, n]`, `e_score_correction_bias [e]`.
///
/// With a bias rate above 0 the load is balanced without a loss (Wang et al. 2024): the choice, not the weight, is made
/// by the score plus a bias, which after each training step rises by the rate where an expert had less than the mean
/// load and falls where it had more.
public final class TopKRouter extends Router {

    private final Gate gate;
    private final Scoring scoring;
    private final TopK choice;
    private final double biasRate;
    private final Tensor bias;

    /// A router without bias.
    public TopKRouter(
            long width, int experts, Scoring scoring, TopK choice, Initializer initializer, RandomStream random) {
        this(width, experts, scoring, choice, 0, initializer, random);
    }

    /// @param biasRate how far the bias moves in a step; 1e-3 is usual, 0 for no bias
    public TopKRouter(
            long width,
            int experts,
            Scoring scoring,
            TopK choice,
            double biasRate,
            Initializer initializer,
            RandomStream random) {
        super(experts);
        choice.requireFit(experts);
        if (!(biasRate >= 0)) {
            throw new IllegalArgumentException("router: the rate of the bias must be at least 0, got " + biasRate);
        }
        this.scoring = scoring;
        this.choice = choice;
        this.biasRate = biasRate;
        gate = new Gate(parameter("weight", Gate.initial(width, experts, initializer, random)));
        bias = biasRate > 0 ? buffer("e_score_correction_bias", Tensor.zeros(experts)) : null;
    }

    @Override
    public double expertsPerToken() {
        return choice.k();
    }

    @Override
    protected Scores score(RouterInput input) {
        Tensor logits = gate.logits(input.x());
        return new Scores(logits, scoring.of(logits));
    }

    @Override
    protected Tensor select(Scores scores, RouterInput input) {
        Tensor p = scores.probabilities();
        return choice.select(bias == null ? p : p.add(bias.to(p.dtype())));
    }

    @Override
    protected Tensor weigh(Scores scores, Tensor indices) {
        return choice.weigh(scores.probabilities(), indices);
    }

    @Override
    protected void balance(long... loads) {
        if (bias != null) {
            double mean = 0;
            for (long load : loads) {
                mean += (double) load / loads.length;
            }
            float[] moves = new float[loads.length];
            for (int i = 0; i < moves.length; i++) {
                moves[i] = (float) (biasRate * Math.signum(mean - loads[i]));
            }
            bias.addInPlace(Tensor.of(moves, moves.length));
        }
    }

    /// The map from tokens to logits, `[e, n]`.
    public Parameter weight() {
        return gate.weight();
    }
}
