package org.lehr.engine.nn.moe;

import org.lehr.engine.tensor.Tensor;

/// How well experts suit tokens, in float32 at least.
///
/// @param logits what the gate gave, `[b, t, e]`
/// @param probabilities what the choice is made by and weights are taken from, `[b, t, e]`
/// @param noise what the logits would be without noise and how large that is, or null for a router without noise
public record Scores(Tensor logits, Tensor probabilities, Noise noise) {

    /// Noise of a learnt size on logits.
    ///
    /// @param clean the logits without it, `[b, t, e]`
    /// @param sizes its standard deviations, `[b, t, e]`
    public record Noise(Tensor clean, Tensor sizes) {}

    /// Scores of a router without noise.
    public Scores(Tensor logits, Tensor probabilities) {
        this(logits, probabilities, null);
    }

    /// The probabilities divided by their sum over the experts, which changes only those of a sigmoid. `[b, t, e]`
    public Tensor distribution() {
        return probabilities.div(probabilities.sum(true, -1));
    }
}
