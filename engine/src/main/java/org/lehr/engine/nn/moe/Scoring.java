package org.lehr.engine.nn.moe;

import org.lehr.engine.tensor.Tensor;

/// How logits become scores between 0 and 1. `logits [..., e] → [..., e]`
public enum Scoring {
    /// The experts of a token compete: scores sum to 1.
    SOFTMAX {
        @Override
        Tensor of(Tensor logits) {
            return logits.softmax(-1);
        }
    },
    /// Each expert is judged for itself (DeepSeek-AI 2024).
    SIGMOID {
        @Override
        Tensor of(Tensor logits) {
            return logits.sigmoid();
        }
    };

    abstract Tensor of(Tensor logits);
}
