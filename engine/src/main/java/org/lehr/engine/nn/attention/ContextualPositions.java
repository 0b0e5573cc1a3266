package org.lehr.engine.nn.attention;

import org.lehr.engine.tensor.Tensor;

/// Positions that also look at the keys, and may add to what attention gives, by how much it takes from where; the
/// weights
/// are held for that.
public interface ContextualPositions extends Positions {

    /// As [#bias(Tensor, long)] for these keys. `q [b, h, t, d], k [b, g, s, d] →` broadcastable to `[b, h, t, s]`
    Tensor bias(Tensor q, Tensor k);

    /// Whether anything is added to the values.
    boolean addsToValues();

    /// What is added for these weights. `[b, h, t, s] → [b, h, t, e]`
    Tensor of(Tensor weights);
}
