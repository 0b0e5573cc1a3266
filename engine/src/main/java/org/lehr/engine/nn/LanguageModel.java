package org.lehr.engine.nn;

import java.util.List;
import org.lehr.engine.tensor.Tensor;

/// What predicts the next token at every position. Architectures implement it; trainers and samplers know
/// only this.
public interface LanguageModel {

    /// `tokens int [b, t] → logits [b, t, vocabulary]`.
    Tensor logits(Tensor tokens);

    /// The logits, and what training is to minimise besides the loss on them.
    default Prediction predict(Tensor tokens) {
        return new Prediction(logits(tokens), List.of());
    }

    /// Sequences that begin with `prompts`, of at least one token each, and are continued token by token.
    default Decoding decode(List<int[]> prompts) {
        return new RecomputedDecoding(this, prompts);
    }

    /// The longest sequence it takes.
    long context();

    /// Number of tokens it knows.
    long vocabulary();

    /// The module that holds its parameters.
    Module module();

    /// Floating-point operations of one training step (forward and backward) per token, for reports.
    double flopsPerToken();
}
