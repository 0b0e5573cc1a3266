package org.lehr.engine.nn.moe;

import org.lehr.engine.tensor.Tensor;

/// How well experts suit tokens, in float32 at least.
///
/// @param logits what the gate gave, `[b, t, e]`
/// @param probabilities what the choice is made by and weights are taken from, `[b, t, e]`
public record Scores(Tensor logits, Tensor probabilities) {

    /// The probabilities divided by their sum over the experts, which changes only those of a sigmoid. `[b, t, e]`
    public Tensor distribution() {
        return probabilities.div(probabilities.sum(true, -1));
    }
}
