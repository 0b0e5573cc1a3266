package org.lehr.engine.nn;

import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Zeroes elements with probability `p` in training and does nothing in use. `x [...] → [...]`
public final class Dropout extends Layer {

    private final double p;
    private final RandomStream random;

    /// @param random where the masks come from; its state belongs in checkpoints
    public Dropout(double p, RandomStream random) {
        if (!(p >= 0 && p < 1)) {
            throw new IllegalArgumentException("dropout: the probability must be in [0, 1), got " + p);
        }
        this.p = p;
        this.random = stream("random", random);
    }

    @Override
    protected Tensor forward(Tensor x) {
        return p > 0 && isTraining() ? org.lehr.engine.tensor.op.Dropout.dropout(x, p, random) : x;
    }
}
