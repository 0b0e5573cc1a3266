package org.lehr.engine.nn.attention;

import org.lehr.engine.tensor.Tensor;

/// What an attention layer does between its maps: scores, their softmax over what may be seen, and the weighted sum of
/// values.
public interface AttentionCore {

    /// `q [b, h, t, d], k [b, g, s, d], v [b, g, s, e] → [b, h, t, e]`
    ///
    /// @param bias added to the scores, broadcastable to `[b, h, t, s]`, or null
    Tensor attend(Tensor q, Tensor k, Tensor v, Tensor bias, AttentionMask mask);

    /// The weights of the sum, for those who want to look at them. `→ [b, h, t, s]`
    Tensor weights(Tensor q, Tensor k, Tensor bias, AttentionMask mask);
}
