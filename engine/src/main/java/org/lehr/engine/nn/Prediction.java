package org.lehr.engine.nn;

import java.util.List;
import org.lehr.engine.tensor.Tensor;

/// What a language model says of a batch.
///
/// @param logits `[b, t, vocabulary]`
/// @param losses what training is to minimise besides the loss on the logits
public record Prediction(Tensor logits, List<AuxiliaryLoss> losses) {

    /// `loss` plus the others, each times its coefficient.
    public Tensor total(Tensor loss) {
        Tensor total = loss;
        for (AuxiliaryLoss other : losses) {
            total = total.add(other.value().to(loss.dtype()).mul(other.coefficient()));
        }
        return total;
    }
}
